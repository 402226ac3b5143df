//! A desktop's D-Bus, but one that starts no programs by itself: whoever asks for a keyring before the
//! test's own is there would be given another, which nobody unlocks.

/// What `dbus-daemon --config-file` reads, for a bus at that address (`unix:path=…`): any of its programs may
/// send and own anything.
pub fn config(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
    )
}
