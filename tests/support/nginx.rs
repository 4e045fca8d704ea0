//! nginx, which puts the gateway's pages below a path of another server.

use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::program::{PATIENCE, Server, part};

/// A running nginx.
pub struct Nginx {
    _server: Server,
    _dir: TempDir,
}

impl Nginx {
    /// Starts it on a port of this machine; what is below `path` goes `to` the
    /// gateway, everything else is nginx's own.
    pub fn start(port: u16, path: &str, to: SocketAddr) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let config = dir.path().join("nginx.conf");
        std::fs::write(&config, configuration(&dir, port, path, to)).expect("written");
        let mut command = Command::new(part("NGINX"));
        command.arg("-p").arg(dir.path()).arg("-c").arg(&config).arg("-e").arg("stderr");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut server = Server::new(command.spawn().expect("nginx starts"));
        let until = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(!server.ended() && Instant::now() < until, "nginx does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { _server: server, _dir: dir }
    }
}

fn configuration(dir: &TempDir, port: u16, path: &str, to: SocketAddr) -> String {
    let dir = dir.path().display();
    // As root it would change to another user, who has no way into the folder.
    let user = if rustix::process::geteuid().is_root() { "user root;\n" } else { "" };
    // Not every machine has both.
    let six = TcpListener::bind(("::1", 0)).map_or(String::new(), |_| format!(" listen [::1]:{port};\n"));
    format!(
        "daemon off;\nmaster_process off;\n{user}error_log stderr;\npid {dir}/pid;\n\
         events {{ worker_connections 64; }}\n\
         http {{\n access_log off;\n\
         client_body_temp_path {dir}/body;\n proxy_temp_path {dir}/proxy;\n fastcgi_temp_path {dir}/fastcgi;\n\
         uwsgi_temp_path {dir}/uwsgi;\n scgi_temp_path {dir}/scgi;\n\
         server {{\n listen 127.0.0.1:{port};\n{six}\
         location {path}/ {{\n proxy_pass http://{to};\n proxy_set_header Host $http_host;\n\
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n }}\n }}\n}}\n"
    )
}
