//! EC2: instances, images, volumes and snapshots, security groups and network ACLs.

checks! { ec2;
    region allowed_amis_enforced,
    region ami_not_public,
    region ebs_default_encryption_enabled,
    region ebs_snapshots_not_public,
    region ebs_volumes_and_snapshots_encrypted,
    region image_and_snapshot_block_public_access,
    region imds_account_default_v2,
    region instance_imdsv2_required,
    region instance_no_internet_reachable_risk_port,
    region instance_no_public_ip,
    region instance_profile_attached,
    region instances_current,
    region interactive_access_minimised,
    region network_and_volumes_orderly,
}
