//! Use of this machine. Percentages are over the time since the reading before, so the meter lives as long as the
//! studio; readings closer than the meter resolves repeat the one before.

use atelier_wire::studio::home::Machine;
use parking_lot::Mutex;
use std::path::Path;
use sysinfo::{Disks, Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// Processor, memory and the disk that holds `home`; what runs is for the caller to count.
pub fn read(meter: &Mutex<System>, home: &Path) -> Machine {
    let mut system = meter.lock();
    system.refresh_cpu_usage();
    system.refresh_memory();
    let own = Pid::from_u32(std::process::id());
    system.refresh_processes_specifics(
        ProcessesToUpdate::Some(&[own]),
        false,
        ProcessRefreshKind::nothing().with_memory(),
    );
    Machine {
        cpu_percent: system.global_cpu_usage().clamp(0.0, 100.0),
        num_cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_used_bytes: system.used_memory(),
        memory_total_bytes: system.total_memory(),
        disk_free_bytes: disk_free(home),
        backend_memory_bytes: system.process(own).map_or(0, sysinfo::Process::memory),
        ..Machine::default()
    }
}

/// Free bytes of the disk mounted nearest above `path`.
fn disk_free(path: &Path) -> u64 {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let Ok(disks) = Disks::new_with_refreshed_list() else { return 0 };
    let nearest = disks.iter().filter(|disk| path.starts_with(disk.mount_point()));
    nearest.max_by_key(|disk| disk.mount_point().as_os_str().len()).map_or(0, sysinfo::Disk::available_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_cores_memory_and_disk() {
        let machine = read(&Mutex::new(System::new().unwrap()), &std::env::temp_dir());
        assert!(machine.num_cores > 0 && machine.memory_total_bytes > machine.memory_used_bytes);
        assert!(machine.backend_memory_bytes > 0 && machine.backend_memory_bytes < machine.memory_total_bytes);
        assert!((0.0..=100.0).contains(&machine.cpu_percent));
    }
}
