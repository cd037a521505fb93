// The crate that every cell uses: how it reaches the variables, shows a value and says how it ended. The text after
// `RECORD` is one line of JSON that the kernel takes out of the standard output.

use std::fmt::{self, Debug, Write as _};
use std::io::Write as _;

const RECORD: char = '\u{1e}';
/// A value's text is cut there.
const SHOWN: usize = 1 << 20;

/// What the process that runs the cells offers them.
#[repr(C)]
pub struct Store {
    take: unsafe extern "C" fn(*const u8, usize) -> *mut u8,
    put: unsafe extern "C" fn(*const u8, usize, *mut u8, Handling, bool),
    note: unsafe extern "C" fn(*const u8, usize),
    hook: unsafe extern "C" fn() -> bool,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Handling {
    drop: unsafe extern "C" fn(*mut u8),
    peek: unsafe extern "C" fn(*const u8, *mut u8, usize) -> usize,
}

impl Store {
    pub fn take<T>(&self, name: &str) -> T {
        let value = unsafe { (self.take)(name.as_ptr(), name.len()) };
        assert!(!value.is_null(), "the variable {name} is gone");
        *unsafe { Box::from_raw(value.cast::<T>()) }
    }

    pub fn put<T: 'static>(&self, name: &str, peek: Peeker, value: T) {
        self.store(name, peek, value, true);
    }

    /// Unless the cell has defined that name anew.
    pub fn put_back<T>(&self, name: &str, peek: Peeker, value: T) {
        self.store(name, peek, value, false);
    }

    fn store<T>(&self, name: &str, peek: Peeker, value: T, is_new: bool) {
        let handling = Handling { drop: drop_boxed::<T>, peek };
        unsafe { (self.put)(name.as_ptr(), name.len(), Box::into_raw(Box::new(value)).cast(), handling, is_new) }
    }

    /// Notes where a cell panicked, and lets other threads say so as they always do.
    pub fn watch_panics(&self) {
        if !unsafe { (self.hook)() } {
            return;
        }
        // This library has a standard library of its own, which does not know the main thread by name.
        let cells = std::thread::current().id();
        let note = self.note;
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| match info.location() {
            Some(place) if std::thread::current().id() == cells => {
                let text = place.to_string();
                unsafe { note(text.as_ptr(), text.len()) }
            }
            _ => usual(info),
        }));
    }
}

unsafe extern "C" fn drop_boxed<T>(value: *mut u8) {
    let value = unsafe { Box::from_raw(value.cast::<T>()) };
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(value)));
}

// ---------------------------------------------------------------- what the variables pane shows

pub type Peeker = unsafe extern "C" fn(*const u8, *mut u8, usize) -> usize;

pub struct Peek<'a, T>(pub &'a T);

pub trait PeekDebug {
    fn peeker(&self) -> Peeker;
}

impl<T: Debug> PeekDebug for &Peek<'_, T> {
    fn peeker(&self) -> Peeker {
        unsafe extern "C" fn peek<T: Debug>(value: *const u8, out: *mut u8, room: usize) -> usize {
            let value = unsafe { &*value.cast::<T>() };
            let mut text = Bounded { text: String::new(), room };
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| write!(text, "{value:?}")));
            unsafe { std::ptr::copy_nonoverlapping(text.text.as_ptr(), out, text.text.len()) };
            text.text.len()
        }
        peek::<T>
    }
}

pub trait PeekAny {
    fn peeker(&self) -> Peeker;
}

impl<T> PeekAny for Peek<'_, T> {
    fn peeker(&self) -> Peeker {
        unsafe extern "C" fn peek(_: *const u8, _: *mut u8, _: usize) -> usize {
            0
        }
        peek
    }
}

struct Bounded {
    text: String,
    room: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for c in piece.chars() {
            if self.text.len() + c.len_utf8() > self.room {
                return Err(fmt::Error);
            }
            self.text.push(c);
        }
        Ok(())
    }
}

// ---------------------------------------------------------------- the value at the end of a cell

pub struct NotShown;

/// Where a type has no `evcxr_display` of its own.
pub trait Fallback {
    fn evcxr_display(&self) -> NotShown {
        NotShown
    }
}

impl<T: ?Sized> Fallback for T {}

pub struct Show<'a, T: ?Sized>(pub &'a T);

/// Called before the value's own `evcxr_display`, whose blocks are then the cell's result.
pub fn begin() {
    record("begin", "");
}

pub fn end<R: std::any::Any>(shown: R, show: &dyn Fn()) {
    if (&shown as &dyn std::any::Any).is::<NotShown>() {
        show();
    }
    record("end", "");
}

pub trait ShowDebug {
    fn show(&self);
}

impl<T: Debug + ?Sized> ShowDebug for &Show<'_, T> {
    fn show(&self) {
        if std::any::type_name::<T>() == "()" {
            return;
        }
        let mut text = Bounded { text: String::new(), room: SHOWN };
        if write!(text, "{:?}", self.0).is_err() {
            text.text.push('…');
        }
        data("result", &[("text/plain", &text.text)]);
    }
}

pub trait ShowAny {
    fn show(&self);
}

impl<T: ?Sized> ShowAny for Show<'_, T> {
    fn show(&self) {
        let text = format!("{} (it has no Debug to show it by)", std::any::type_name::<T>());
        data("result", &[("text/plain", &text)]);
    }
}

pub fn data(kind: &str, data: &[(&str, &str)]) {
    let mut fields = String::new();
    for (mime, text) in data {
        let comma = if fields.is_empty() { "" } else { "," };
        let _ = write!(fields, "{comma}{}:{}", quote(mime), quote(text));
    }
    record(kind, &format!(",\"data\":{{{fields}}}"));
}

fn record(kind: &str, rest: &str) {
    let line = format!("{RECORD}atelier:{{\"kind\":\"{kind}\"{rest}}}{RECORD}");
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes());
    let _ = out.flush();
}

fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(quoted, "\\u{:04x}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

// ---------------------------------------------------------------- how the cell ended

/// What `?` returned.
pub struct UserError(String);

impl<T: Debug> From<T> for UserError {
    fn from(error: T) -> Self {
        UserError(format!("{error:?}"))
    }
}

/// 0: it ran; 1: it panicked; 2: `?` returned an error.
pub fn finish(outcome: std::thread::Result<Result<(), UserError>>) -> i32 {
    let code = match outcome {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => {
            record("error", &format!(",\"text\":{}", quote(&error.0)));
            2
        }
        Err(payload) => {
            let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
                (Some(text), _) => (*text).to_owned(),
                (_, Some(text)) => text.clone(),
                _ => "a panic without a message".to_owned(),
            };
            record("panic", &format!(",\"text\":{}", quote(&text)));
            1
        }
    };
    let _ = std::io::stdout().flush();
    let _ = std::io::stderr().flush();
    code
}
