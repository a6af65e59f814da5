//! What is behind the handles that calls work on: an object, until a panic bars it.

use libsync::{Receiver, Replica, Sender};

use crate::failure::Failure;
use crate::guard;
use crate::registry::{Object, REGISTRY, Token};
use crate::replica::sync_replica;
use crate::status::sync_status;
use crate::stream::{sync_receiver, sync_sender};

/// What is behind a handle.
pub(crate) struct Live<T> {
    object: Box<T>,
    /// Set while a call is at work, so it stays set when the call panics: the object may then be
    /// half changed, and no call may see it any more.
    barred: bool,
}

/// What calls work on.
pub(crate) trait Kind: Send + Sized {
    /// How C sees it.
    type Handle;
    /// What it is called where it is an argument.
    const ARGUMENT: &'static str;
    /// What to do once a defect has barred it.
    const REMEDY: &'static str;

    fn wrap(live: Live<Self>) -> Object;

    /// The object, if it is of this kind.
    fn of(object: &mut Object) -> Option<&mut Live<Self>>;
}

impl Kind for Replica {
    type Handle = sync_replica;
    const ARGUMENT: &'static str = "replica";
    const REMEDY: &'static str = "free it, and load the document from what was saved";

    fn wrap(live: Live<Self>) -> Object {
        Object::Replica(live)
    }

    fn of(object: &mut Object) -> Option<&mut Live<Self>> {
        if let Object::Replica(live) = object { Some(live) } else { None }
    }
}

const NEW_STREAM: &str = "free it, and start a new stream";

impl Kind for Sender {
    type Handle = sync_sender;
    const ARGUMENT: &'static str = "sender";
    const REMEDY: &'static str = NEW_STREAM;

    fn wrap(live: Live<Self>) -> Object {
        Object::Sender(live)
    }

    fn of(object: &mut Object) -> Option<&mut Live<Self>> {
        if let Object::Sender(live) = object { Some(live) } else { None }
    }
}

impl Kind for Receiver {
    type Handle = sync_receiver;
    const ARGUMENT: &'static str = "receiver";
    const REMEDY: &'static str = NEW_STREAM;

    fn wrap(live: Live<Self>) -> Object {
        Object::Receiver(live)
    }

    fn of(object: &mut Object) -> Option<&mut Live<Self>> {
        if let Object::Receiver(live) = object { Some(live) } else { None }
    }
}

/// A handle of a new object.
pub(crate) fn insert<K: Kind>(object: K) -> Result<*mut K::Handle, Failure> {
    let live = Live { object: Box::new(object), barred: false };
    let token = REGISTRY.insert(K::wrap(live)).ok_or(Failure::Exhausted)?;
    Ok(token.as_pointer())
}

/// Runs `work` on the object behind the handle.
pub(crate) fn with<K: Kind, R>(
    handle: *const K::Handle,
    work: impl FnOnce(&mut K) -> R,
) -> Result<R, Failure> {
    find::<K, _>(handle, |live| {
        if live.barred {
            return Err(Failure::Barred { argument: K::ARGUMENT, remedy: K::REMEDY });
        }
        live.barred = true;
        let done = work(&mut live.object);
        live.barred = false;
        Ok(done)
    })?
}

/// Runs `work` on the objects behind two handles.
///
/// All calls lock a replica before a sender, and that before a receiver, so that none wait for each
/// other in a circle.
pub(crate) fn with_both<A: Kind, B: Kind, R>(
    first: *const A::Handle,
    second: *const B::Handle,
    work: impl FnOnce(&mut A, &mut B) -> R,
) -> Result<R, Failure> {
    // What is behind a handle is of one kind ever. One that is not of the second is refused while
    // nothing is locked: it could be the first handle again, or locked by a call as wrong as this.
    find::<B, _>(second, |_| ())?;
    with::<A, _>(first, |first| with::<B, _>(second, |second| work(first, second)))?
}

fn find<K: Kind, R>(
    handle: *const K::Handle,
    look: impl FnOnce(&mut Live<K>) -> R,
) -> Result<R, Failure> {
    let argument = K::ARGUMENT;
    if handle.is_null() {
        return Err(Failure::Null { argument });
    }
    let token = Token::from_pointer(handle).ok_or(Failure::Handle { argument })?;
    let found = REGISTRY.with(token, |object| K::of(object).map(look));
    found.flatten().ok_or(Failure::Handle { argument })
}

/// Frees what is behind the handle, barred or not.
pub(crate) fn free<K: Kind>(handle: *mut K::Handle) -> sync_status {
    if handle.is_null() {
        return sync_status::SYNC_OK;
    }
    guard::or(sync_status::SYNC_ERR_PANIC, || {
        let is_of_kind = |object: &mut Object| K::of(object).is_some();
        match Token::from_pointer(handle).and_then(|token| REGISTRY.remove(token, is_of_kind)) {
            Some(_) => sync_status::SYNC_OK,
            None => sync_status::SYNC_ERR_HANDLE,
        }
    })
}

#[cfg(test)]
mod tests {
    use libsync::{DocumentId, ReplicaId};

    use super::*;

    #[test]
    fn a_panic_at_work_on_two_bars_both() {
        let new_replica =
            |id| insert(Replica::new(DocumentId::from_bytes([7; 16]), ReplicaId::new(id))).unwrap();
        let (damaged, sound) = (new_replica(1), new_replica(2));
        let sender = insert(Sender::new(libsync::VersionVector::new())).unwrap();
        let work = std::panic::AssertUnwindSafe(|| {
            with_both(damaged, sender, |_: &mut Replica, _: &mut Sender| panic!("injected"))
        });
        assert!(std::panic::catch_unwind(work).is_err());

        let barred = |outcome: Result<(), Failure>, which| {
            assert!(matches!(outcome, Err(Failure::Barred { argument, .. }) if argument == which));
        };
        barred(with(damaged, |_: &mut Replica| ()), "replica");
        barred(with(sender, |_: &mut Sender| ()), "sender");
        barred(with_both(sound, sender, |_: &mut Replica, _: &mut Sender| ()), "sender");
        with(sound, |_: &mut Replica| ()).unwrap();
        assert_eq!(free::<Sender>(sender), sync_status::SYNC_OK);
        assert_eq!(free::<Replica>(damaged), sync_status::SYNC_OK);
        assert_eq!(free::<Replica>(sound), sync_status::SYNC_OK);
    }

    #[test]
    fn a_handle_in_two_places_is_refused_in_one() {
        let sender = insert(Sender::new(libsync::VersionVector::new())).unwrap();
        let as_receiver = sender.cast::<sync_receiver>();
        let outcome = with_both(sender, as_receiver, |_: &mut Sender, _: &mut Receiver| ());
        assert!(matches!(outcome, Err(Failure::Handle { argument: "receiver" })));
        assert_eq!(free::<Receiver>(as_receiver), sync_status::SYNC_ERR_HANDLE);
        assert_eq!(free::<Sender>(sender), sync_status::SYNC_OK);
    }
}
