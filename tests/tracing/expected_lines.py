"""The steps of the views of `lined`, line by line, written by hand."""

EXPECTED = {
    "straight": """
        a = 1                  # a=1
        b = a + 1              # b=2
        a = b * 10             # a=20
        del b                  # -b
        return str(a)
    """,
    "branch": """
        n = 3                  # n=3
        if n > 2:
        word = "big"           # word='big'
        return word
    """,
    "loop": """
        total = 0              # total=0
        for n in (1, 2):       # n=1
        total += n             # total=1
        for n in (1, 2):       # n=2
        total += n             # total=3
        for n in (1, 2):
        total *= 10            # total=30
        return str(total)
    """,
    "growing": """
        found: list[int] = []  # found=[]
        found.append(7)        # found=[7]
        same = found           # same=[7]
        same.append(8)         # found=[7, 8], same=[7, 8]
        return str(len(found))
    """,
    "early": """
        n = 1                  # n=1
        if n:
        return "early"
    """,
    "caught": """
        try:
        n = 1 // 0             # ! ZeroDivisionError: DIVISION
        except ZeroDivisionError as error: # error=ZeroDivisionError('DIVISION')
        n = len(error.args)    # n=1, -error
        return "caught" if n else ""
    """,
    "cleaned": """
        n = 1                  # n=1
        try:
        n = 2                  # n=2
        return str(n)
        n = 3                  # n=3
    """,
    "helped": """
        n = double(4)          # n=8
            > double(n=4)
            result = n * 2         # result=8
            return result
            < 8
        text = str(n).zfill(2) # text='08'
        return text
    """,
    "refused": """
        try:
        refuse(5)              # ! ValueError: no
            > refuse(n=5)
            if n:
            raise ValueError("no") # ! ValueError: no
            ! refuse ValueError: no
        except ValueError:
        return "refused"
    """,
    "suppressed": """
        with suppress(ValueError):
        refuse(6)
            > refuse(n=6)
            if n:
            raise ValueError("no")
            ! refuse
        with suppress(ValueError):
        return "suppressed"
    """,
    "recursive": """
        return str(factorial(2))
            > factorial(n=2)
            if n <= 1:
            return n * factorial(n - 1)
                > factorial(n=1)
                if n <= 1:
                return 1
                < 1
            < 2
    """,
    "generated": """
        total = 0              # total=0
        for n in count():      # n=1
            > count()
            yield 1
            yielded 1
        total += n             # total=1
        for n in count():      # n=2
            continued
            yield 2
            yielded 2
        total += n             # total=3
        for n in count():
            continued
            < None
        return str(total)
    """,
    "comprehended": """
        squares = [n * n for n in (1, 2, 3)] # squares=[1, 4, 9]
        odd = {n for n in squares if n % 2} # odd={1, 9}
        roots = {n: n for n in odd} # roots={1: 1, 9: 9}
        total = sum(n for n in roots) # total=10
        return str(total)
    """,
    "nested": """
        base = 10              # base=10
        def add(n: int) -> int: # add=<function nested.<locals>.add>
        return str(add(1))
            > add(n=1, base=10)
            return base + n
            < 11
    """,
    "sorted_by_key": """
        return str(sorted([2, 1], key=double))
            > double(n=2)
            result = n * 2         # result=4
            return result
            < 4
            > double(n=1)
            result = n * 2         # result=2
            return result
            < 2
    """,
    "broken": """
        thing = Broken()       # thing=<Broken whose repr raised RuntimeError>
        return "fine" if thing else ""
    """,
    "awaited": """
        one = await fetch(1)   # one=2
            > fetch(n=1)
            await asyncio.sleep(0)
        suspended
        resumed
            return n * 2
            < 2
        return str(one)
    """,
    "streamed": """
        text = ""              # text=''
        async for part in stream(): # part='a'
            > stream()
            yield "a"
            yielded
        text += part           # text='a'
        async for part in stream(): # part='b'
            await asyncio.sleep(0)
        suspended
        resumed
            yield "b"
            yielded
        text += part           # text='ab'
        async for part in stream():
            < None
        return text
    """,
    "awaited_and_cleaned": """
        state = "begun"        # state='begun'
        try:
        await asyncio.sleep(0)
        suspended
        resumed
        refuse(1)              # ! ValueError: no
            > refuse(n=1)
            if n:
            raise ValueError("no") # ! ValueError: no
            ! refuse ValueError: no
        except ValueError:
        state = "refused"      # state='refused'
        state += ", ended"     # state='refused, ended'
        return state
    """,
}


def expected(name: str) -> list[str]:
    text = EXPECTED[name].strip("\n").rstrip()
    # The words changed in Python 3.14.
    output = _division()
    return [line[8:] for line in text.replace("DIVISION", output).splitlines()]


def _division() -> str:
    try:
        return str(1 // 0)
    except ZeroDivisionError as error:
        return str(error)
