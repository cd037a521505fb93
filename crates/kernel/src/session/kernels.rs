//! The kernels of a notebook: which cell goes to which, their start and their end.

use super::{Inner, Session, now};
use crate::KernelError;
use crate::agent::{self, Mailbox, Order};
use crate::comms::Comms;
use crate::connection::{Voice, new_request};
use crate::kernelspec::{Interrupt, Launcher};
use crate::launch;
use atelier_wire::Event;
use atelier_wire::event::NotebookChange;
use atelier_wire::studio::kernel::{KernelInfo, KernelState, Variable};
use nix::unistd::Pid;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) struct Kernel {
    /// State and queue are filled in when it is told.
    pub info: KernelInfo,
    pub interrupt: Interrupt,
    /// What is there once the kernel answers.
    pub live: Option<Live>,
    pub comms: Comms,
    /// What it said last.
    pub variables: Vec<Variable>,
    orders: mpsc::UnboundedSender<Order>,
    /// Asks its agent to end it; taken by the first who asks.
    stop: Option<oneshot::Sender<()>>,
    /// Turns true when the process is gone.
    gone: watch::Receiver<bool>,
}

pub(crate) struct Live {
    pub group: Pid,
    pub control: Voice,
    pub stdin: Voice,
}

fn info(launcher: &Launcher) -> KernelInfo {
    let spec = &launcher.spec;
    KernelInfo {
        id: uuid::Uuid::new_v4().to_string(),
        name: spec.name.clone(),
        display_name: spec.display_name.clone(),
        language: spec.language.clone(),
        environment: spec.environment.clone(),
        state: KernelState::Starting,
        problem: None,
        memory_bytes: 0,
        queue: Vec::new(),
    }
}

impl Kernel {
    /// Stands for a kernel that a cell asks for and nobody can start, to say so.
    fn missing(name: &str, problem: &str) -> Kernel {
        let info = KernelInfo {
            id: uuid::Uuid::new_v4().to_string(),
            name: name.to_owned(),
            display_name: name.to_owned(),
            language: String::new(),
            environment: "none".to_owned(),
            state: KernelState::Dead,
            problem: Some(problem.to_owned()),
            memory_bytes: 0,
            queue: Vec::new(),
        };
        Kernel {
            info,
            interrupt: Interrupt::Signal,
            live: None,
            comms: Comms::default(),
            variables: Vec::new(),
            orders: mpsc::unbounded_channel().0,
            stop: None,
            gone: watch::channel(true).1,
        }
    }

    pub fn is_alive(&self) -> bool {
        self.info.state != KernelState::Dead
    }

    pub fn is_ready(&self) -> bool {
        self.is_alive() && self.live.is_some()
    }

    /// An error means that it died just now, which drops what waits.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }
}

impl Inner {
    /// The kernel that a kernelspec's name stands for; `None`: the notebook's own.
    pub fn kernel(&self, name: Option<&str>) -> Option<&Kernel> {
        let key = self.key(name);
        self.kernels.get(&key)
    }

    pub fn kernel_mut(&mut self, name: Option<&str>) -> Option<&mut Kernel> {
        let key = self.key(name);
        self.kernels.get_mut(&key)
    }

    pub fn kernel_by_id(&mut self, id: &str) -> Option<&mut Kernel> {
        self.kernels.values_mut().find(|kernel| kernel.info.id == id)
    }

    /// The name as the file has it, or the one that stands for it here.
    fn key(&self, name: Option<&str>) -> String {
        let asked = name.map_or_else(|| self.book.document().kernel_name(), str::to_owned);
        self.resolved.get(&asked).cloned().unwrap_or(asked)
    }

    /// The cells that wait, each with the name under which its kernel is kept.
    fn waiting(&self) -> Vec<(String, String)> {
        self.book.waiting().into_iter().map(|(cell, kernel)| (self.key(kernel.as_deref()), cell)).collect()
    }

    /// The cells that wait for the kernel that is kept under this name.
    fn waiting_for(&self, key: &str) -> Vec<String> {
        self.waiting().into_iter().filter(|(kernel, _)| kernel == key).map(|(_, cell)| cell).collect()
    }

    /// All kernels as they stand, the notebook's own first.
    pub(super) fn kernel_infos(&self, with_memory: bool) -> Vec<KernelInfo> {
        if self.kernels.is_empty() {
            return Vec::new();
        }
        let own = self.key(None);
        let waiting = self.waiting();
        let busy = self.book.busy_kernel();
        let mut infos: Vec<(bool, KernelInfo)> = self
            .kernels
            .iter()
            .map(|(name, kernel)| {
                let mut info = kernel.info.clone();
                if kernel.is_ready() {
                    info.state = if busy == Some(&info.id) { KernelState::Busy } else { KernelState::Idle };
                }
                info.memory_bytes = match &kernel.live {
                    Some(live) if with_memory => launch::memory_bytes(live.group),
                    _ => 0,
                };
                info.queue = waiting.iter().filter(|(key, _)| key == name).map(|(_, cell)| cell.clone()).collect();
                (*name != own, info)
            })
            .collect();
        infos.sort_by_key(|(other, _)| *other);
        infos.into_iter().map(|(_, info)| info).collect()
    }
}

/// What to do about the cell that is next.
enum Next {
    Nothing,
    Start(Option<String>),
}

impl Session {
    pub fn run(self: &Arc<Self>, cells: &[String]) -> Result<(), KernelError> {
        self.change(|inner| match inner.book.queue(cells) {
            Ok(changes) => (Ok(()), changes),
            Err(error) => (Err(error), Vec::new()),
        })?;
        self.go_on()
    }

    pub fn cancel(&self, cells: &[String]) {
        self.change(|inner| ((), inner.book.cancel(cells)));
    }

    /// Sends the next cell to its kernel if none runs, starting the kernel where there is none.
    pub fn go_on(self: &Arc<Self>) -> Result<(), KernelError> {
        let next = self.change(|inner| {
            let mut changes = inner.book.skip_empty();
            let Some(asked) = inner.book.next() else { return (Next::Nothing, changes) };
            let Some(kernel) = inner.kernel(asked.as_deref()).filter(|kernel| kernel.is_alive()) else {
                return (Next::Start(asked), changes);
            };
            if !kernel.is_ready() {
                return (Next::Nothing, changes);
            }
            let (id, request) = (kernel.info.id.clone(), new_request());
            let Some((start, started)) = inner.book.start(&request, &id, now()) else {
                return (Next::Nothing, changes);
            };
            changes.extend(started);
            if let Some(kernel) = inner.kernel(asked.as_deref()) {
                kernel.order(Order::Execute { request, code: start.code });
            }
            (Next::Nothing, changes)
        });
        match next {
            Next::Nothing => Ok(()),
            Next::Start(asked) => self.start(asked.as_deref()),
        }
    }

    /// Starts a kernel in the background, unless it lives. The dead one that it follows, if any, is forgotten.
    pub fn start(self: &Arc<Self>, asked: Option<&str>) -> Result<(), KernelError> {
        let (name, language) = asked.map_or_else(|| self.own_kernel(), |name| (name.to_owned(), String::new()));
        let Some(launcher) = self.shared.launcher(&name, &language) else {
            let problem = format!("There is no kernel {name} on this machine.");
            self.change(|inner| {
                let missing = Kernel::missing(&name, &problem);
                // What stood for it before is gone too.
                inner.resolved.remove(&name);
                let its = inner.waiting_for(&name);
                let changes = inner.book.kernel_ended(&missing.info.id, &its, now());
                inner.kernels.insert(name.clone(), missing);
                ((), changes)
            });
            // Whether other kernels' cells can go on does not change what is told of this one.
            let _ = self.go_on();
            return Err(KernelError::NoSuchKernel(name));
        };
        let (orders, taken) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let (tell_gone, gone) = watch::channel(false);
        let info = info(&launcher);
        let (id, key) = (info.id.clone(), info.name.clone());
        let kernel = Kernel {
            info,
            interrupt: launcher.interrupt,
            live: None,
            comms: Comms::default(),
            variables: Vec::new(),
            orders,
            stop: Some(stop),
            gone,
        };
        let is_new = self.change(|inner| {
            inner.resolved.insert(name, key.clone());
            if inner.kernels.get(&key).is_some_and(Kernel::is_alive) {
                return (false, Vec::new());
            }
            inner.kernels.insert(key, kernel);
            (true, Vec::new())
        });
        if is_new {
            self.announce_kernel();
            tokio::spawn(agent::drive(
                self.clone(),
                id,
                launcher,
                Mailbox { orders: taken, stop: stopped, gone: tell_gone },
            ));
            Ok(())
        } else {
            // It was known under another name.
            self.go_on()
        }
    }

    /// Lists of kernels should be read again.
    pub fn announce_kernel(&self) {
        (self.shared.events)(Event::Changed { tag: "kernel".to_owned(), id: self.path() });
    }

    pub fn kernel_infos(&self) -> Vec<KernelInfo> {
        self.inner.lock().kernel_infos(true)
    }

    /// Interrupts what a kernel computes, and drops what waits. Never waits for anything that the kernel says.
    pub fn interrupt(&self, name: Option<&str>) -> Result<(), KernelError> {
        self.change(|inner| {
            let path = inner.path.clone();
            let busy = inner.book.busy_kernel().map(str::to_owned);
            let Some(kernel) = inner.kernel(name).filter(|kernel| kernel.is_alive()) else {
                return (Err(KernelError::NoKernel(path)), Vec::new());
            };
            if let (Some(live), true) = (&kernel.live, busy.as_deref() == Some(&kernel.info.id)) {
                match kernel.interrupt {
                    Interrupt::Signal => launch::interrupt(live.group),
                    Interrupt::Message => live.control.say(&new_request(), jupyter_protocol::InterruptRequest {}),
                }
            }
            (Ok(()), inner.book.drop_queue())
        })
    }

    /// Ends a kernel and waits until it is gone; cells that wait for others go on. Nothing to do where none is.
    pub async fn stop(self: &Arc<Self>, name: Option<&str>) {
        if self.end(name).await {
            agent::go_on(self);
        }
    }

    /// Returns whether there was one.
    async fn end(&self, name: Option<&str>) -> bool {
        let asked = {
            let mut inner = self.inner.lock();
            inner.kernel_mut(name).map(|kernel| (kernel.info.id.clone(), kernel.stop.take(), kernel.gone.clone()))
        };
        let Some((id, stop, mut gone)) = asked else { return false };
        if let Some(stop) = stop {
            // An error means that it ended by itself meanwhile.
            let _ = stop.send(());
        }
        let _ = gone.wait_for(|gone| *gone).await;
        self.change(|inner| {
            let changes = inner.kernel_ended(&id);
            inner.kernels.retain(|_, kernel| kernel.info.id != id);
            ((), changes)
        });
        self.announce_kernel();
        true
    }

    /// Ends all kernels; nothing goes on.
    pub async fn stop_all(&self) {
        let names: Vec<String> =
            self.change(|inner| (inner.kernels.keys().cloned().collect(), inner.book.drop_queue()));
        futures::future::join_all(names.iter().map(|name| self.end(Some(name)))).await;
    }

    pub async fn restart(self: &Arc<Self>, name: Option<&str>) -> Result<(), KernelError> {
        self.stop(name).await;
        self.start(name)
    }

    /// Makes another kernelspec the notebook's own, in the file too. The kernel that ran before stops.
    pub async fn choose_kernel(self: &Arc<Self>, name: &str) -> Result<(), KernelError> {
        let launcher = self.shared.launchers().into_iter().find(|launcher| launcher.spec.name == name);
        let launcher = launcher.ok_or_else(|| KernelError::NoSuchKernel(name.to_owned()))?;
        let own = self.inner.lock().book.document().kernel_name();
        if own == name {
            return Ok(());
        }
        self.stop(None).await;
        let spec = launcher.spec;
        self.change(|inner| {
            inner.book.document_mut().set_kernel(&spec.name, &spec.display_name, &spec.language);
            // Told even where no kernel runs: the name on the page changes.
            let kernels = inner.kernel_infos(true);
            (
                (),
                vec![NotebookChange::Kernels {
                    kernels,
                    kernel_name: spec.name.clone(),
                    language: spec.language.clone(),
                }],
            )
        });
        Ok(())
    }

    pub fn with_kernel(&self, id: &str, work: impl FnOnce(&mut Inner) -> Vec<NotebookChange>) {
        self.change(|inner| {
            let current = inner.kernel_by_id(id).is_some();
            ((), if current { work(inner) } else { Vec::new() })
        });
    }

    /// Whether the notebook, or a cell of it, runs on the kernel of that name.
    pub fn asks_for(&self, name: &str) -> bool {
        let inner = self.inner.lock();
        let document = inner.book.document();
        document.kernel_name() == name || document.cells().iter().any(|cell| cell.kernel().as_deref() == Some(name))
    }

    /// The kernelspec that the notebook names, and its language.
    pub fn own_kernel(&self) -> (String, String) {
        let inner = self.inner.lock();
        (inner.book.document().kernel_name(), inner.book.document().language())
    }

    /// The notebook's file, or the one that it is a copy of. Its folder is where kernels start, so that relative paths
    /// hold.
    pub fn stands_for(&self) -> std::path::PathBuf {
        self.shared.options.copy_of.clone().unwrap_or_else(|| self.inner.lock().file.clone())
    }
}

impl Inner {
    /// What ran on a kernel that is gone has failed, what waits for it does so no more, nobody answers its question.
    pub fn kernel_ended(&mut self, id: &str) -> Vec<NotebookChange> {
        let key = self.kernels.iter().find(|(_, kernel)| kernel.info.id == id).map(|(key, _)| key.clone());
        let its = key.map(|key| self.waiting_for(&key)).unwrap_or_default();
        let mut changes = self.book.kernel_ended(id, &its, now());
        let name = self.kernel_by_id(id).map(|kernel| {
            kernel.live = None;
            kernel.comms = Comms::default();
            kernel.variables.clear();
            kernel.info.name.clone()
        });
        if self.input.take_if(|input| Some(&input.kernel) == name.as_ref()).is_some() {
            changes.push(NotebookChange::Input { input: None });
        }
        changes
    }
}
