//! A tide good enough for a first look: one cosine between high and low water.
//!
//! The harbour office's tables decide; this tells a planner whether it is worth
//! asking them.

/// Water that has to remain under the keel, with the tide counted in.
pub const MIN_CLEARANCE_CM: i32 = 120;

/// Half a lunar day, in minutes: from one high water to the next.
const PERIOD_MIN: f64 = 745.2;

pub struct Tide {
    /// Minutes since midnight of one high water.
    pub high_water_min: i32,
    /// Difference between high and low water.
    pub range_cm: i32,
}

impl Tide {
    /// Height above chart datum, which is the level of low water here.
    pub fn height_cm(&self, at_min: i32) -> i32 {
        let phase = f64::from(at_min - self.high_water_min) / PERIOD_MIN * std::f64::consts::TAU;
        let height = f64::from(self.range_cm) * (1.0 + phase.cos()) / 2.0;
        height.round() as i32
    }

    pub fn clearance_cm(&self, depth_cm: i32, draught_cm: i32, at_min: i32) -> i32 {
        depth_cm + self.height_cm(at_min) - draught_cm
    }

    /// Minutes to wait until a ship that has `clearance_cm` now has enough, looking
    /// one tide ahead in steps of five minutes.
    pub fn next_time_with(&self, clearance_cm: i32, at_min: i32) -> Option<i32> {
        let missing = MIN_CLEARANCE_CM - clearance_cm;
        let now = self.height_cm(at_min);
        (0..=PERIOD_MIN as i32)
            .step_by(5)
            .find(|wait| self.height_cm(at_min + wait) - now >= missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIDE: Tide = Tide { high_water_min: 360, range_cm: 200 };

    #[test]
    fn high_and_low() {
        assert_eq!(TIDE.height_cm(360), 200);
        assert_eq!(TIDE.height_cm(360 + 373), 0);
    }

    #[test]
    fn waiting_for_the_flood() {
        let at = 360 - 373;
        let clearance = TIDE.clearance_cm(900, 880, at);
        assert_eq!(clearance, 20);
        let wait = TIDE.next_time_with(clearance, at).unwrap();
        assert!(TIDE.clearance_cm(900, 880, at + wait) >= MIN_CLEARANCE_CM);
        assert_eq!(TIDE.next_time_with(-200, at), None);
    }
}
