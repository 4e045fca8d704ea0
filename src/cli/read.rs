//! Reading a secret from a file or from stdin.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use postern_core::model::secret::Secret;

/// A key file has 3 KiB, a table of a thousand mailboxes 200 KiB.
const MOST: u64 = 16 * 1024 * 1024;

/// The file's text; `-` is stdin.
pub(super) fn text(path: &Path) -> anyhow::Result<Secret> {
    let (name, source): (String, Box<dyn Read>) = if path == Path::new("-") {
        ("stdin".to_owned(), Box::new(io::stdin().lock()))
    } else {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        (name, Box::new(file))
    };
    let mut bytes = Vec::new();
    source.take(MOST + 1).read_to_end(&mut bytes).with_context(|| name.clone())?;
    if bytes.len() as u64 > MOST {
        bail!("{name} is larger than any file that is expected here");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => bail!("{name} is no text"),
    }
}

/// One word: blanks and line ends around it are dropped.
pub(super) fn word(path: &Path) -> anyhow::Result<Secret> {
    Ok(Secret::new(text(path)?.reveal().trim()))
}
