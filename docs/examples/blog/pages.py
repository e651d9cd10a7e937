"""The blog's templates."""

INDEX = """<!doctype html>
<title>Blog</title>
<p>{% if author %}Hello, {{ author }}{% else %}<a href="/login">Log in</a>{% endif %}</p>
{% for post in posts %}<article id="post-{{ post.id }}">
<h2>{{ post.title }}</h2><p>{{ post.body }}</p><p>by {{ post.author }}</p>
</article>
{% else %}<p>No posts yet</p>
{% endfor %}"""
LOGIN = """<!doctype html>
<title>Log in</title>
{% if error %}<p class="error">{{ error }}</p>
{% endif %}<form method="post"><input name="name"><input name="password" type="password"></form>"""
