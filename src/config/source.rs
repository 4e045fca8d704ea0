//! Finds and reads the file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::fault::{Fault, Faults, Origin};

/// Where the configuration is looked for when no file is named, in order.
pub const DEFAULT_FILES: [&str; 2] = ["./config/postern.toml", "/etc/postern/postern.toml"];

/// The file that is named, or the first of the defaults that exists.
pub(super) fn read(named: Option<&Path>) -> Result<(PathBuf, String), Faults> {
    match named {
        Some(path) => first(&[path.to_owned()]),
        None => first(&entered(DEFAULT_FILES.map(PathBuf::from).to_vec())),
    }
}

// A service's user for whom a command is typed in somebody else's folder has no file there.
fn entered(mut candidates: Vec<PathBuf>) -> Vec<PathBuf> {
    let shut = |path: &PathBuf| {
        path.is_relative() && path.metadata().is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
    };
    candidates.retain(|path| !shut(path));
    candidates
}

fn first(candidates: &[PathBuf]) -> Result<(PathBuf, String), Faults> {
    for path in candidates {
        match std::fs::read_to_string(path) {
            Ok(text) => return Ok((path.clone(), text)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                let text = error.kind() == ErrorKind::InvalidData;
                let remedy = if text { "write it as UTF-8" } else { "let this user read it" };
                return Err(fault(path.display().to_string(), format!("cannot be read: {error}"), remedy));
            }
        }
    }
    let names: Vec<String> = candidates.iter().map(|path| path.display().to_string()).collect();
    let remedy = "run `postern setup`, or name a file with --config";
    Err(fault(names.join(", "), "no configuration file there".to_owned(), remedy))
}

fn fault(file: String, what: String, remedy: &str) -> Faults {
    let origin = Origin::File(file.into());
    Faults(vec![Fault { origin, key: String::new(), what, remedy: remedy.to_owned() }])
}

#[cfg(test)]
mod tests {
    use super::first;

    #[test]
    fn the_first_file_that_exists_is_read_and_missing_ones_are_all_named() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one.toml"), dir.path().join("two.toml"));
        let candidates = [one.clone(), two.clone()];
        let told = first(&candidates).unwrap_err().to_string();
        assert!(told.contains("one.toml") && told.contains("two.toml"), "{told}");
        std::fs::write(&two, "a").unwrap();
        assert_eq!(first(&candidates).unwrap(), (two, "a".to_owned()));
        std::fs::create_dir(&one).unwrap();
        assert!(first(&candidates).unwrap_err().to_string().contains("cannot be read"));
    }
}
