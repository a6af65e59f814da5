"""Two people share a board of tasks: a list that is reordered, counters, sets, transactions.

Run it with the package installed: `pip install ./bindings/python`, then
`python examples/python/shared_board.py`. It ends with status 1 if the replicas don't agree.
"""

import sys
from datetime import UTC, datetime

from libsync import Kind, Replica


def exchange(ada: Replica, bob: Replica) -> None:
    """Sends each replica what the other has and it has not."""
    to_bob = ada.export(since=bob.version)
    ada.apply(bob.export(since=ada.version))
    bob.apply(to_bob)


def add_task(board: Replica, title: str, *tags: str) -> None:
    """Adds a task with all that belongs to it, in one change."""
    now = datetime.now(UTC)
    with board.transaction(message=f"Add {title!r}", origin="example", time=now):
        last = board.len("tasks")
        board.insert_items("tasks", last, [Kind.MAP])
        board.set(["tasks", last, "title"], title)
        board.set(["tasks", last, "added"], now)
        for tag in tags:
            board.add(["tasks", last, "tags"], tag)


def show(what: str, board: Replica) -> None:
    """Prints the titles in order, with votes and tags."""
    print(what)
    for task in board.get("tasks"):
        print(f"  {task['title']}: {task.get('votes', 0)} votes, {task.get('tags', [])}")


def main() -> int:
    """Runs the example; returns 0 if the replicas agree."""
    ada = Replica(replica="ada")
    bob = Replica(ada.document, "bob")
    ada.join(bob.id)
    ada.create("tasks", Kind.LIST)
    add_task(ada, "Write the program", "code")
    add_task(ada, "Test it", "code")
    add_task(ada, "Publish it", "release")
    exchange(ada, bob)
    show("Ada starts a board, and Bob gets it:", bob)

    # Both are offline. Ada votes, tags, and moves the last task to the front ...
    ada.increment("tasks.2.votes")
    ada.move_item("tasks", 2, to=0)
    ada.discard("tasks.1.tags", "code")
    ada.set("name", "Engine")
    # ... while Bob votes for the same task, renames it, tags, and deletes another.
    bob.increment("tasks.2.votes", 2)
    bob.set("tasks.2.title", "Publish the notes")
    bob.add("tasks.0.tags", "code")
    bob.delete_items("tasks", 1)
    bob.set("name", "Analytical Engine")
    exchange(ada, bob)
    show("They exchange changes:", ada)
    for conflict in ada.conflicts("name"):
        author = {ada.id: "Ada", bob.id: "Bob"}.get(conflict.author or 0)
        print(f"  the name, by {author}: {conflict.value!r}")

    try:
        with bob.transaction(message="Vote twice"):
            bob.increment("tasks.0.votes")
            bob.increment("tasks.9.votes")
    except LookupError as error:
        print(f"A transaction that fails leaves nothing behind: {error}")

    if ada.to_json() != bob.to_json():
        print("The replicas show different documents.")
        return 1
    print("The replicas show the same.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
