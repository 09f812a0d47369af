//! Checks on EC2 Auto Scaling.

checks! { autoscaling;
    region fleet_from_current_template,
}
