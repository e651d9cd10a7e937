"""The templates of both apps."""

ORDER = """<!doctype html>
<title>Order</title>
{% for field in form %}{% for error in field.errors %}<p class="error">{{ error }}</p>
{% endfor %}{% endfor %}<form method="post">{{ form.csrf_token }}{{ form.article }}</form>"""
THANKS = """<!doctype html>
<title>Thanks</title>
<p>You get {{ article }}.</p>"""
