//! A figure as a line of JSON.

use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) workload: String,
    pub(crate) engine: String,
    pub(crate) version: String,
    pub(crate) metric: String,
    /// `None` if the engine can't do it.
    pub(crate) value: Option<f64>,
    pub(crate) unit: String,
    /// On which day of the year, where it is one of many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) day: Option<usize>,
    /// Why there is no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// Where figures of one engine on one workload go: to the standard output.
pub(crate) struct Lines {
    pub(crate) workload: &'static str,
    pub(crate) engine: &'static str,
    pub(crate) version: String,
}

impl Lines {
    fn line(&self, metric: &str, unit: &str) -> Line {
        Line {
            workload: self.workload.to_owned(),
            engine: self.engine.to_owned(),
            version: self.version.clone(),
            metric: metric.to_owned(),
            value: None,
            unit: unit.to_owned(),
            day: None,
            note: None,
        }
    }

    pub(crate) fn put(&self, metric: &str, value: f64, unit: &str) {
        write(&Line { value: Some(value), ..self.line(metric, unit) });
    }

    pub(crate) fn put_of_day(&self, day: usize, metric: &str, value: f64, unit: &str) {
        write(&Line { value: Some(value), day: Some(day), ..self.line(metric, unit) });
    }

    pub(crate) fn put_none(&self, metric: &str, unit: &str, why: &str) {
        write(&Line { note: Some(why.to_owned()), ..self.line(metric, unit) });
    }
}

fn write(line: &Line) {
    println!("{}", serde_json::to_string(line).expect("all keys are strings"));
}
