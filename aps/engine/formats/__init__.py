"""Problems and plans as text: FJSPLIB (.fjs), JSPLIB (.jsp) and our JSON. Text in, text out: files are the caller's.

- `detect.read(text, name)` for a problem in whatever format it is.
- `plan_json.read(text, name, instance)` and `plan_json.written(plan, instance)` for plans.
- `question_json` for an order to offer and an event to react to.

Whatever cannot be read raises `errors.FormatError`. docs/engine-format.md describes the JSON with examples.
"""
