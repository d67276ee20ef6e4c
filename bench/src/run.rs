//! Does what is asked: finds the scenario, has it measured and its report written.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::arguments::{Arguments, Command, Common, ScenariosCommand};
use crate::error::BenchError;
use crate::load::Target;
use crate::measure::{Measured, Sink, Watch, measure};
use crate::report::{Format, HdrLog, compare, print, read, write_json};
use crate::scenario::{self, BUILTIN, Scenario};
use crate::sweep::sweep;

/// Does what is asked and prints what came of it.
///
/// # Errors
/// [`BenchError`]; what was measured until then was reported, marked as partial.
pub fn run(arguments: &Arguments) -> Result<(), BenchError> {
    match &arguments.command {
        Command::Produce(command) => {
            one(&command.scenario("produce"), &command.common, &command.common.target())
        }
        Command::Fetch(command) => {
            one(&command.scenario(), &command.common, &command.common.target())
        }
        Command::EndToEnd(command) => {
            let common = &command.produce.common;
            one(&command.scenario(), common, &common.target())
        }
        Command::Loopback(command) => {
            one(&command.scenario("loopback"), &command.common, &Target::Discard)
        }
        Command::Run(command) => {
            let mut scenario = scenario::find(&command.scenario)?;
            command.change(&mut scenario);
            one(&scenario, &command.common, &command.common.target())
        }
        Command::Sweep(command) => {
            let (scenario, common) = (command.scenario()?, &command.produce.common);
            let (rates, target) = (command.rates(), common.target());
            reported(&scenario, common, |watch, sink| {
                sweep(&scenario, (&rates, command.p99_ms), &target, watch, sink)
            })
        }
        Command::Compare(command) => {
            let comparison = compare(&read(&command.a)?, &read(&command.b)?);
            print(|out| match command.format {
                Format::Table => comparison.write(out),
                Format::Json => write_json(&comparison, out),
            })
        }
        Command::Scenarios(command) => scenarios(command),
    }
}

/// Measures one run.
fn one(scenario: &Scenario, common: &Common, target: &Target) -> Result<(), BenchError> {
    reported(scenario, common, |watch, sink| measure(scenario, target, watch, sink))
}

/// Has something measured and what comes of it written.
fn reported(
    scenario: &Scenario,
    common: &Common,
    measured: impl FnOnce(&Watch<'_>, Sink<'_>) -> Result<Measured, BenchError>,
) -> Result<(), BenchError> {
    scenario.check()?;
    let interrupted = interruption()?;
    let mut log = common.outputs.prepare()?;
    let watch = Watch {
        pid: common.broker_pid,
        device: common.device.clone(),
        interrupted: &interrupted,
        before: String::new(),
    };
    let measured = measured(&watch, &mut |load, from, length, nanos| {
        if let Some(log) = &mut log {
            log.write(load, from, length, nanos);
        }
    })?;
    finish(measured, log, common)
}

/// Writes what was measured, and returns the first error of all.
fn finish(measured: Measured, log: Option<HdrLog>, common: &Common) -> Result<(), BenchError> {
    let mut errors: Vec<BenchError> = measured.error.into_iter().collect();
    errors.extend(common.outputs.write(&measured.report));
    errors.extend(log.and_then(|log| log.finish().err()));
    match errors.into_iter().reduce(BenchError::and) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Set by the first SIGINT or SIGTERM; the second ends the process at once.
fn interruption() -> Result<Arc<AtomicBool>, BenchError> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_shutdown(signal, 130, interrupted.clone())
            .and_then(|_| flag::register(signal, interrupted.clone()))
            .map_err(|error| BenchError::machine("the handler of Ctrl-C", &error))?;
    }
    Ok(interrupted)
}

/// Lists the scenarios, or prints one.
fn scenarios(command: &ScenariosCommand) -> Result<(), BenchError> {
    if let Some(name) = &command.name {
        // What there is no scenario for is told as it is when one is run.
        let found = scenario::builtin(name);
        let text = match found {
            Some(found) => found.text,
            None => return scenario::find(name).map(|_| ()),
        };
        return print(|out| out.write_all(text.as_bytes()));
    }
    let all: Vec<Scenario> =
        BUILTIN.iter().map(|builtin| scenario::find(builtin.name)).collect::<Result<_, _>>()?;
    print(|out| {
        for scenario in &all {
            writeln!(out, "{:<20}  {}", scenario.name, scenario.about)?;
            writeln!(out, "{:<20}  after {}", "", scenario.source)?;
        }
        Ok(())
    })
}
