// Loads and saves a goals.json with serde, as the program does whose form it is, and
// prints how much processor time each takes, in nanoseconds: the least of many turns.
//
//     serde-peer <goals.json> <seconds for each>

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::time::Instant;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Status {
    Pending,
    InProgress,
    Blocked,
    Done,
    Abandoned,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum State {
    Launched,
    Running,
    Verified,
    Failed,
}

#[derive(Serialize, Deserialize)]
struct Session {
    session_id: String,
    task: String,
    state: State,
    evidence: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Goal {
    id: String,
    description: String,
    status: Status,
    #[serde(default)]
    acceptance: Vec<String>,
    #[serde(default)]
    sessions: Vec<Session>,
    progress: u8,
    created: DateTime<Utc>,
    updated: DateTime<Utc>,
    #[serde(default)]
    notes: Vec<String>,
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

const PROCESS_TIME: i32 = 2; // CLOCK_PROCESS_CPUTIME_ID of Linux

fn processor_time() -> f64 {
    let mut t = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(PROCESS_TIME, &mut t) };
    t.seconds as f64 * 1e9 + t.nanoseconds as f64
}

fn least(seconds: f64, mut f: impl FnMut()) -> f64 {
    let began = Instant::now();
    let mut least = f64::MAX;
    while began.elapsed().as_secs_f64() < seconds {
        let before = processor_time();
        let mut turns = 0.0;
        while turns == 0.0 || processor_time() - before < 2e7 {
            f();
            turns += 1.0;
        }
        least = least.min((processor_time() - before) / turns);
    }
    least
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let data = std::fs::read(&args[1]).unwrap();
    let seconds: f64 = args[2].parse().unwrap();
    let list: Vec<Goal> = serde_json::from_slice(&data).unwrap();
    assert!(serde_json::to_vec_pretty(&list).unwrap() == data, "other bytes");
    let load = least(seconds, || {
        black_box(serde_json::from_slice::<Vec<Goal>>(black_box(&data)).unwrap());
    });
    let mut room = Vec::with_capacity(data.len());
    let save = least(seconds, || {
        room.clear();
        serde_json::to_writer_pretty(&mut room, black_box(&list)).unwrap();
    });
    println!("{} {}", load, save);
}
