//! quayctl: small questions a planner asks, answered without a browser.

mod tide;

use std::process::ExitCode;

const USAGE: &str = "\
usage: quayctl <command>

  tide --depth CM --draught CM --at HH:MM --high HH:MM --range CM
        under-keel clearance of a ship at a berth, with the tide counted in
  overlap START END START END
        do two windows (minutes since midnight) respect the mooring buffer?
";

/// Kept the same as MooringBuffer in services/bookings.
const MOORING_BUFFER_MIN: i32 = 45;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("quayctl: {message}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> Result<String, String> {
    match args.first().map(String::as_str) {
        Some("tide") => tide_command(&args[1..]),
        Some("overlap") => overlap_command(&args[1..]),
        Some("--version") => Ok(format!("quayctl {}", env!("CARGO_PKG_VERSION"))),
        Some(other) => Err(format!("unknown command {other}")),
        None => Err("a command is missing".into()),
    }
}

fn option<'a>(args: &'a [String], name: &str) -> Result<&'a str, String> {
    args.iter()
        .position(|a| a == name)
        .and_then(|at| args.get(at + 1))
        .map(String::as_str)
        .ok_or_else(|| format!("{name} is missing"))
}

fn number(args: &[String], name: &str) -> Result<i32, String> {
    let text = option(args, name)?;
    text.parse().map_err(|_| format!("{name}: {text} is not a number"))
}

/// "HH:MM" as minutes since midnight.
fn clock(text: &str) -> Result<i32, String> {
    let parsed = text.split_once(':').and_then(|(h, m)| {
        let (h, m) = (h.parse::<i32>().ok()?, m.parse::<i32>().ok()?);
        ((0..24).contains(&h) && (0..60).contains(&m)).then_some(h * 60 + m)
    });
    parsed.ok_or_else(|| format!("{text} is not a time"))
}

fn tide_command(args: &[String]) -> Result<String, String> {
    let tide = tide::Tide {
        high_water_min: clock(option(args, "--high")?)?,
        range_cm: number(args, "--range")?,
    };
    let at = clock(option(args, "--at")?)?;
    let clearance = tide.clearance_cm(number(args, "--depth")?, number(args, "--draught")?, at);
    let verdict = if clearance >= tide::MIN_CLEARANCE_CM {
        "enough".to_string()
    } else {
        match tide.next_time_with(clearance, at) {
            Some(wait) => format!("wait {wait} minutes"),
            None => "never with this tide".to_string(),
        }
    };
    Ok(format!("clearance {clearance} cm: {verdict}"))
}

fn overlap_command(args: &[String]) -> Result<String, String> {
    let numbers: Result<Vec<i32>, _> = args.iter().map(|a| a.parse::<i32>()).collect();
    match numbers.as_deref() {
        Ok([s1, e1, s2, e2]) if s1 < e1 && s2 < e2 => {
            let gap = 2 * MOORING_BUFFER_MIN;
            let apart = s2 - e1 >= gap || s1 - e2 >= gap;
            Ok(if apart { "apart".into() } else { "too close".into() })
        }
        _ => Err("overlap needs four numbers, each start before its end".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str) -> Result<String, String> {
        run(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn ninety_minutes_are_apart() {
        assert_eq!(call("overlap 480 600 690 720").unwrap(), "apart");
        assert_eq!(call("overlap 480 600 689 720").unwrap(), "too close");
    }

    #[test]
    fn tide_needs_every_option() {
        assert!(call("tide --depth 980").unwrap_err().contains("--high"));
    }

    #[test]
    fn times_are_checked() {
        assert!(clock("24:00").is_err());
        assert_eq!(clock("06:30"), Ok(390));
    }
}
