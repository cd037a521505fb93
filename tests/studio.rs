//! A studio with one file open in it, in a browser or in the desktop window.

use crate::backend::{Adopted, Backend};
use crate::driver::Driver;
use crate::page::Page;
use std::path::Path;

/// Where the studio is shown.
#[derive(Clone, Copy)]
pub enum Place {
    /// Headless Chromium over HTTP.
    Browser,
    /// The desktop app, which is WebKit, on a virtual screen.
    Window,
}

/// Ends with its backend; the browser or window is closed by [`Studio::close`].
pub struct Studio {
    driver: Driver,
    page: Page,
    _backend: Running,
}

enum Running {
    Ours { _backend: Backend },
    OfTheWindow { _backend: Adopted },
}

impl Studio {
    /// Puts a file into the workspace of `home` and opens it from the list of files.
    pub async fn open(place: Place, home: &Path, name: &str, text: &str) -> anyhow::Result<Studio> {
        let workspace = home.join("workspace");
        std::fs::create_dir_all(&workspace)?;
        std::fs::write(workspace.join(name), text)?;
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let studio = match place {
            Place::Browser => {
                let backend = Backend::start(home)?;
                let driver = Driver::chromium().await?;
                let page = Page::new(driver.client.clone(), &format!("browser-{stem}"));
                page.client.goto(&backend.window).await?;
                Studio { driver, page, _backend: Running::Ours { _backend: backend } }
            }
            Place::Window => {
                let driver = Driver::desktop(home).await?;
                let page = Page::new(driver.client.clone(), &format!("window-{stem}"));
                page.see("[data-app=atelier]").await?;
                let backend = Backend::adopt(home)?;
                Studio { driver, page, _backend: Running::OfTheWindow { _backend: backend } }
            }
        };
        studio.page.open_panel("files").await?;
        studio.page.press(&format!(".screen.is-on [data-file='{name}']")).await?;
        Ok(studio)
    }

    pub fn page(&self) -> Page {
        self.page.clone()
    }

    pub async fn close(self) -> anyhow::Result<()> {
        self.driver.close().await
    }
}
