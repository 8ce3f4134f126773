"""How a face is drawn: `variation` draws lots, `shape` and `action_units` place 68 landmarks,
`parts` turns them into paths on a `sketch`, and `paint` paints those. `fer.faces` uses it all."""
