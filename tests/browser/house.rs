//! A `postern serve` with its stand-in Google, and a browser that visits it.

use std::net::SocketAddr;
use std::path::PathBuf;

use postern_core::model::role::Role;
use tempfile::TempDir;
use tokio::process::Command;

use crate::support::gateway::{Gateway, Setup, configuration};
use crate::support::nginx::Nginx;
use crate::support::ports;
use crate::support::process::{Process, postern};
use crate::support::program::{part, run};

const PATH: &str = "/postern";

/// How people get to the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// At the gateway's own port, with scripts switched off.
    Straight,
    /// Through nginx, below a path, with scripts allowed.
    ThroughNginx,
}

/// A gateway that serves as a process of its own.
pub struct House {
    /// Its store and its Google; the test may write beside it.
    pub gateway: Gateway,
    process: Process,
    _nginx: Option<Nginx>,
    url: String,
    scripts: &'static str,
}

impl House {
    /// Founds it and waits until it serves.
    pub async fn open(way: Way) -> Self {
        Self::with(way, &[], "").await
    }

    /// The same with more in the environment of the process, and with further
    /// sections of configuration.
    pub async fn with(way: Way, more: &[(&str, &str)], sections: &str) -> Self {
        let (inner, outer) = (ports::free(), ports::free());
        let behind = way == Way::ThroughNginx;
        let url = format!("http://localhost:{}{PATH}", if behind { outer } else { inner });
        let listen = format!("127.0.0.1:{inner}");
        let own = [
            ("POSTERN__HTTP__PUBLIC_URL", url.as_str()),
            ("POSTERN__HTTP__LISTEN", listen.as_str()),
            // Locked on the page Settings.
            ("POSTERN__LIMITS__MESSAGE_SIZE", "25MB"),
        ];
        let env = [&own, more].concat();
        let setup = || Setup {
            idle: true,
            more: sections.to_owned(),
            env: env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            ..Setup::default()
        };
        let gateway = Gateway::with(setup()).await;
        let text = configuration(&gateway.sandbox, &gateway.dir, &setup());
        let process = Process::under(&text, &gateway.dir.path().join("postern.toml"), &env).await;
        let nginx = behind.then(|| Nginx::start(outer, PATH, SocketAddr::from(([127, 0, 0, 1], inner))));
        let scripts = if behind { "on" } else { "off" };
        Self { gateway, process, _nginx: nginx, url, scripts }
    }

    /// The link that `postern admin add` prints.
    pub async fn invited(&self, name: &str, role: Role) -> String {
        let told = self.command(&["admin", "add", name, "--role", &role.to_string()]).await;
        let link = told.lines().find(|line| line.starts_with(&self.url));
        link.unwrap_or_else(|| panic!("no link in {told}")).trim().to_owned()
    }

    /// What a command of the gateway prints.
    pub async fn command(&self, args: &[&str]) -> String {
        let mut command = postern(&self.process.config);
        run_command(command.env("POSTERN__HTTP__PUBLIC_URL", &self.url).args(args)).await
    }

    /// Runs a story; `told` is what it finds in its environment besides.
    pub async fn tell(&self, name: &str, told: &[(&str, &str)]) {
        let home = TempDir::new().expect("a temporary folder");
        let mut command = Command::new(part("NODE"));
        for variable in ["NODE_MODULES", "CHROMIUM"] {
            command.env(format!("POSTERN_TEST_{variable}"), part(variable));
        }
        command
            .arg(script(name))
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("BASE", &self.url)
            .env("GOOGLE", self.gateway.sandbox.oauth_url())
            .env("CA_FILE", self.gateway.dir.path().join("certs/dev-ca.pem"))
            .env("SCRIPTS", self.scripts)
            .envs(told.iter().copied());
        let told = run(command).await;
        let ok = told.ok && told.out.trim_end().ends_with("ok");
        assert!(ok, "{name}:\n{}{}\nthe gateway logged:\n{}", told.out, told.err, self.process.log());
    }

    /// An address of its pages.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Ends everything.
    pub async fn close(self) {
        drop(self.process);
        self.gateway.stop().await;
    }
}

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name)
}

async fn run_command(command: &mut Command) -> String {
    let output = command.output().await.expect("the command starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}
