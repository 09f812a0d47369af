//! Checks on EC2 Auto Scaling.

mod renewal;

checks! { autoscaling;
    region fleet_from_current_template,
}
