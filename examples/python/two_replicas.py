"""Two replicas edit one document at the same time, exchange bytes, agree, and prune.

Run it with the package installed: `pip install ./bindings/python`, then
`python examples/python/two_replicas.py`. It ends with status 1 if the replicas don't agree.
"""

import sys

from libsync import Replica


def show(what: str, replica: Replica) -> None:
    """Prints what a replica shows."""
    print(f"  {what:<7} {replica.to_json()}")


def exchange(phone: Replica, laptop: Replica) -> None:
    """Sends each replica what the other has and it has not."""
    to_laptop = phone.export(since=laptop.version)
    to_phone = laptop.export(since=phone.version)
    laptop.apply(to_laptop)
    phone.apply(to_phone)
    print(f"  {len(to_laptop)} bytes to the laptop, {len(to_phone)} bytes to the phone")


def acknowledge(phone: Replica, laptop: Replica) -> None:
    """Tells each replica what the other has seen."""
    from_phone, from_laptop = phone.acknowledge(), laptop.acknowledge()
    laptop.apply_acknowledgement(from_phone)
    phone.apply_acknowledgement(from_laptop)


def main() -> int:
    """Runs the example; returns 0 if the replicas agree."""
    phone = Replica(replica="phone")
    laptop = Replica(phone.document, "laptop")
    phone.join(laptop.id)  # from here on, pruning waits for the laptop too
    phone.insert("note", 0, "Lovelace wrote programs.")
    print("The phone starts a document, and the laptop gets it:")
    exchange(phone, laptop)

    print("Both edit it offline:")
    phone.set("user.profile.bio", "Mathematician")
    phone.insert("note", 0, "Ada ")
    laptop.set("user.profile.avatar", "ada.png")
    laptop.delete("note", 15, 8)
    laptop.insert("note", 15, "the first program")
    show("phone", phone)
    show("laptop", laptop)

    print("They exchange changes:")
    exchange(phone, laptop)
    show("phone", phone)
    show("laptop", laptop)
    if phone.to_json() != laptop.to_json():
        print("The replicas show different documents.")
        return 1
    print("The replicas show the same.")

    print("They tell each other what they have seen, and what they know all have seen:")
    acknowledge(phone, laptop)
    acknowledge(phone, laptop)
    for name, replica in (("phone", phone), ("laptop", laptop)):
        before, shown = replica.memory(), replica.to_json()
        report = replica.prune()
        after = replica.memory()
        print(
            f"  {name:<7} pruned {report.nodes} of {before.tombstones} tombstones "
            f"and {report.changes} changes: "
            f"{before.total_bytes} bytes before, {after.total_bytes} after"
        )
        if replica.to_json() != shown or report.nodes == 0:
            print("Pruning reclaimed nothing, or changed what is shown.")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
