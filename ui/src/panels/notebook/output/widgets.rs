//! Widgets' messages between the frames that draw them and the kernel, for one notebook. A frame may speak only for
//! comms that the notebook's kernels have opened.

use crate::api;
use atelier_wire as wire;
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use wire::event::NotebookChange;
use wire::studio::kernel::{Comm, CommKind, Comms, GetComms, KernelState, SendComm};

/// The largest message that a frame may send: bytes of its parts together.
const LARGEST: usize = 64 * 1024 * 1024;

type Hear = Rc<dyn Fn(&Told)>;

/// What a frame with a widget is told.
pub enum Told {
    /// What happened to a comm, and the number of that change.
    Comm(u64, Comm),
    /// Whether a kernel of the notebook works on something.
    Busy(bool),
}

#[derive(Default)]
struct Held {
    path: String,
    /// The kernel of each comm that is open.
    known: HashMap<String, String>,
    hearers: BTreeMap<u64, Hear>,
    next: u64,
    busy: bool,
}

thread_local! {
    /// One for each notebook that is shown.
    static RELAYS: RefCell<HashMap<String, Rc<RefCell<Held>>>> = RefCell::new(HashMap::new());
}

/// The relay of a notebook: all its frames share it.
#[derive(Clone, Copy)]
pub struct Relay(StoredValue<Rc<RefCell<Held>>, LocalStorage>);

impl Relay {
    pub fn of(path: &str) -> Self {
        let held = RELAYS.with(|all| {
            let fresh = || Rc::new(RefCell::new(Held { path: path.to_owned(), ..Held::default() }));
            all.borrow_mut().entry(path.to_owned()).or_insert_with(fresh).clone()
        });
        Self(StoredValue::new_local(held))
    }

    fn held(&self) -> Option<Rc<RefCell<Held>>> {
        self.0.try_get_value()
    }

    /// Passes on what the backend tells of the notebook's comms, until the component that asks is gone.
    pub fn follow(path: &str) {
        let relay = Self::of(path);
        let own = path.to_owned();
        api::on_event(move |event| match event {
            wire::Event::Notebook { path, number, change: NotebookChange::Comm(comm) } if *path == own => {
                relay.learn(comm);
                relay.tell(&Told::Comm(*number, comm.clone()));
            }
            wire::Event::Notebook { path, change: NotebookChange::Kernels { kernels, .. }, .. } if *path == own => {
                let busy = kernels.iter().any(|kernel| kernel.state == KernelState::Busy);
                if let Some(held) = relay.held() {
                    held.borrow_mut().busy = busy;
                }
                relay.tell(&Told::Busy(busy));
            }
            _ => {}
        });
    }

    fn learn(&self, comm: &Comm) {
        let Some(held) = self.held() else { return };
        match comm.kind {
            CommKind::Open => _ = held.borrow_mut().known.insert(comm.comm_id.clone(), comm.kernel.clone()),
            CommKind::Close => _ = held.borrow_mut().known.remove(&comm.comm_id),
            CommKind::Message => {}
        }
    }

    fn tell(&self, told: &Told) {
        let hearers: Vec<Hear> =
            self.held().map(|held| held.borrow().hearers.values().cloned().collect()).unwrap_or_default();
        for hear in hearers {
            hear(told);
        }
    }

    /// Calls `hear` with all messages from now on. Returns the number for [`Self::leave`].
    pub fn join(&self, hear: impl Fn(&Told) + 'static) -> u64 {
        let Some(held) = self.held() else { return 0 };
        let mut held = held.borrow_mut();
        held.next += 1;
        let number = held.next;
        held.hearers.insert(number, Rc::new(hear));
        number
    }

    pub fn leave(&self, number: u64) {
        if let Some(held) = self.held() {
            held.borrow_mut().hearers.remove(&number);
        }
    }

    pub fn is_busy(&self) -> bool {
        self.held().is_some_and(|held| held.borrow().busy)
    }

    /// Asks for the comms as they stand.
    pub fn all(self, then: impl FnOnce(Comms) + 'static) {
        let Some(path) = self.held().map(|held| held.borrow().path.clone()) else { return };
        spawn_local(async move {
            // Without a kernel there are none: the frame says that its widget is gone.
            let all = api::call(GetComms { path }).await.unwrap_or_default();
            all.comms.iter().for_each(|comm| self.learn(comm));
            then(all);
        });
    }

    /// Sends what a frame said, if it may say it.
    pub fn send(&self, comm_id: String, data: String, metadata: String, buffers: Vec<String>) {
        let Some(held) = self.held() else { return };
        let size = data.len() + metadata.len() + buffers.iter().map(String::len).sum::<usize>();
        let Some(kernel) = held.borrow().known.get(&comm_id).cloned().filter(|_| size <= LARGEST) else {
            leptos::logging::warn!("a frame spoke for a comm that is none of its notebook's");
            return;
        };
        let comm = Comm { kernel, kind: CommKind::Message, comm_id, target: String::new(), data, metadata, buffers };
        let path = held.borrow().path.clone();
        spawn_local(async move {
            if let Err(error) = api::call(SendComm { path, comm }).await {
                leptos::logging::warn!("a widget's message could not be sent: {error}");
            }
        });
    }
}
