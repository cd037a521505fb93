// Compiled into cells that use the prelude, beside cell.rs: tables and charts show themselves.

pub trait ShowRich {
    fn show(&self);
}

impl<T: ::atelier::Rich + ?Sized> ShowRich for &&Show<'_, T> {
    fn show(&self) {
        let bundle = ::atelier::Rich::bundle(self.0);
        let fields: Vec<(&str, &str)> = bundle.iter().map(|(mime, text)| (*mime, text.as_str())).collect();
        data("result", &fields);
    }
}
