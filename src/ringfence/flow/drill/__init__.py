"""A drill: the owner attacks his own phone system, a little, and sees what his defence does.

How it works: `code` makes the one-time code and seals what both sides say with it; `host`
answers on the phone system's machine and says to the guard whose drill it is; `proof` asks
there for the proof of ownership; `line` sends, counts and paces; `course` is the drill.
"""
