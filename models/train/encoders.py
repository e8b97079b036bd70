"""`big`, `small` and `micro` one after another, over texts that are read once: for a GPU that is rented by the minute."""

import time

from . import micro, small

# Of the minutes that are left, those of `big` and then of `small`; micro has the rest. Chosen: micro is full in one, `big` serves `small`.
BIG, SMALL = 0.38, 0.80


def command(arguments) -> None:
    """`--minutes` are those of all, what is read before training included."""
    started = time.time()
    left = lambda share: arguments.minutes and share * (arguments.minutes - (time.time() - started) / 60)
    said = lambda what: print(f"{what} after {time.time() - started:.0f} s", flush=True)
    course = small.Course.read(arguments)
    said(f"{len(course.rows.lengths)} texts are read")
    aims = small.targets("big", course, arguments)
    said("the teacher is done")
    small.learn("big", course, aims, arguments, left(BIG))
    said("big is done")
    aims = small.targets("small", course, arguments)
    said("big has read all texts")
    small.learn("small", course, aims, arguments, left(SMALL))
    said("small is done")
    micro.learn(course, aims, arguments, left(1))
    said("micro is done")
