//! A real broker process.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a broker may take to serve after its start.
const START_LIMIT: Duration = Duration::from_secs(180);

/// How long a broker may take to stop after SIGTERM.
const STOP_LIMIT: Duration = Duration::from_secs(60);

/// Memory of a broker, over all its cores.
const MEMORY_BYTES: u64 = 256 << 20;

/// How long a broker that serves may take to answer; one that does not is asked again.
const ANSWER_LIMIT: Duration = Duration::from_millis(200);

/// An ApiVersions request of version 0 with no client id.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/// What went wrong with a broker process.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The process could not be started or signalled.
    #[error("broker process: {0}")]
    Process(#[from] io::Error),
    /// The process ended before it served.
    #[error("broker ended with {status} before it served; its log:\n{log}")]
    Ended {
        /// Its exit status.
        status: ExitStatus,
        /// What it printed.
        log: String,
    },
    /// The process did not do in time what it should.
    #[error("broker did not {what} in {limit:?}; its log:\n{log}")]
    Late {
        /// What it should have done.
        what: &'static str,
        /// The limit.
        limit: Duration,
        /// What it printed.
        log: String,
    },
}

/// A broker process and its data directory. Killed when dropped; the directory goes with it unless
/// it was given by the caller.
pub struct Broker {
    child: Option<Child>,
    address: SocketAddr,
    data: PathBuf,
    settings: Vec<String>,
    log: PathBuf,
    _home: tempfile::TempDir,
}

impl Broker {
    /// A broker on a free port with an empty data directory, serving. `settings` are `key=value`
    /// pairs under Kafka's names.
    ///
    /// # Errors
    /// When it does not come to serve.
    pub fn start(settings: &[&str]) -> Result<Self, BrokerError> {
        let mut broker = Self::prepare(settings)?;
        broker.launch()?;
        Ok(broker)
    }

    /// The same, not yet started.
    ///
    /// # Errors
    /// When there is no port or directory to be had.
    pub fn prepare(settings: &[&str]) -> Result<Self, BrokerError> {
        let root = program().parent().unwrap_or(Path::new(".")).join("test-data");
        std::fs::create_dir_all(&root)?;
        let home = tempfile::Builder::new().prefix("broker-").tempdir_in(root)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        Ok(Self {
            child: None,
            address: port,
            data: home.path().join("data"),
            settings: settings.iter().map(|s| (*s).to_owned()).collect(),
            log: home.path().join("broker.log"),
            _home: home,
        })
    }

    /// Uses another data directory, which is kept.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<PathBuf>) -> Self {
        self.data = data.into();
        self
    }

    /// Starts the process and waits until it serves. Returns how long that took.
    ///
    /// # Errors
    /// When it does not come to serve.
    pub fn launch(&mut self) -> Result<Duration, BrokerError> {
        let began = Instant::now();
        // Of an earlier process the kernel may still have the socket when it is gone itself.
        let started = self.starts() + 1;
        self.spawn()?;
        while self.starts() < started || !self.serves() {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                self.child = None;
                return Err(BrokerError::Ended { status, log: self.log() });
            }
            if began.elapsed() > START_LIMIT {
                return Err(self.late("serve", START_LIMIT));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(began.elapsed())
    }

    /// Starts the process without waiting for it to serve.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&mut self) -> Result<(), BrokerError> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(program());
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(&self.data)
            .arg("--listen")
            .arg(self.address.to_string());
        // Many brokers run side by side in tests. Later settings go before earlier ones.
        command.arg("--set").arg(format!("ringlog.memory.bytes={MEMORY_BYTES}"));
        for setting in &self.settings {
            command.arg("--set").arg(setting);
        }
        // It is about the tests, and no setting.
        command.env_remove("RINGLOG_TEST_BOOTSTRAP");
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn()?);
        Ok(())
    }

    /// Kills the process without warning, as a power cut of the process would.
    ///
    /// # Errors
    /// When it cannot be signalled.
    pub fn kill(&mut self) -> Result<(), BrokerError> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks the process to stop and waits for its end.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(&mut self) -> Result<ExitStatus, BrokerError> {
        self.signal(Signal::TERM)?;
        self.wait(STOP_LIMIT)
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When there is no process.
    pub fn signal(&self, signal: Signal) -> Result<(), BrokerError> {
        let id = self.pid().ok_or_else(|| io::Error::other("no process"))?;
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(pid.ok_or_else(|| io::Error::other("no process id"))?, signal)
            .map_err(io::Error::from)?;
        Ok(())
    }

    /// Waits for the process to end by itself.
    ///
    /// # Errors
    /// When it does not in `limit`.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus, BrokerError> {
        let until = Instant::now() + limit;
        let Some(child) = self.child.as_mut() else {
            return Err(io::Error::other("no process").into());
        };
        while Instant::now() < until {
            if let Some(status) = child.try_wait()? {
                self.child = None;
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Err(self.late("stop", limit))
    }

    /// `host:port` for clients.
    pub fn bootstrap(&self) -> String {
        self.address.to_string()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its data directory.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Its process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Resident memory of the process in KiB.
    ///
    /// # Errors
    /// When there is no process.
    pub fn resident_kib(&self) -> Result<u64, BrokerError> {
        let id = self.pid().ok_or_else(|| io::Error::other("no process"))?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok());
        Ok(kib.ok_or_else(|| io::Error::other("no VmRSS in /proc"))?)
    }

    /// All it has printed, over all its starts.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How often it has said that it serves.
    fn starts(&self) -> usize {
        self.log().matches("serves on ").count()
    }

    /// Whether it answers a request. A connection alone says nothing: the kernel may still hold the listener
    /// of a process that was killed a moment ago.
    fn serves(&self) -> bool {
        let asked = || -> io::Result<()> {
            let mut stream = TcpStream::connect_timeout(&self.address, ANSWER_LIMIT)?;
            stream.set_read_timeout(Some(ANSWER_LIMIT))?;
            stream.write_all(&API_VERSIONS)?;
            stream.read_exact(&mut [0; 4])
        };
        asked().is_ok()
    }

    fn late(&self, what: &'static str, limit: Duration) -> BrokerError {
        BrokerError::Late { what, limit, log: self.log() }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // Nothing to be done about a failure here: the directory is removed next.
        self.kill().unwrap_or_default();
    }
}

/// The `ringlog` program of this build, built when it is missing or old.
///
/// # Panics
/// When it cannot be built: no process test can run then.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let release = !cfg!(debug_assertions);
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--quiet", "--package", "ringlog", "--bin", "ringlog"]);
        build.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
        if release {
            build.arg("--release");
        }
        let status = build.status().expect("cargo runs");
        assert!(status.success(), "the ringlog program could not be built");
        let test = std::env::current_exe().expect("path of this program");
        // target/PROFILE/deps/test-hash or target/PROFILE/examples/name
        let profile = test.ancestors().nth(2).expect("folder of this program");
        profile.join("ringlog")
    })
}
