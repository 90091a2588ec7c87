//! The ids of all entries. Generated from `catalogue.json`; see `mod.rs`.

use core::fmt;
use core::str::FromStr;

use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

/// Names one entry of the catalogue of advice; written `BKP-08`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[rustfmt::skip]
pub enum AdviceId {
    /// Prerequisites come first.
    Pre01,
    /// Three phases in order.
    Pre02,
    /// What discovery collects.
    Disc01,
    /// Discovery is always the first step.
    Disc02,
    /// How to start discovery.
    Disc03,
    /// Discovery in progress toast.
    Disc04,
    /// Discovery complete toast.
    Disc05,
    /// Discovery hit an internal error.
    Disc06,
    /// A discovery is already running.
    Disc07,
    /// Register before protect.
    Reg01,
    /// Goal 1: attach the backup extension.
    Reg02,
    /// Goal 2: associate VM and service.
    Reg03,
    /// One-time step, extension kept current by the service.
    Reg04,
    /// How to start registration.
    Reg05,
    /// Register Items pop-up.
    Reg06,
    /// Bulk registration.
    Reg07,
    /// Who appears in the register list.
    Reg08,
    /// One job per VM with toast and View Job.
    Reg09,
    /// Registering status in the list.
    Reg10,
    /// Registered status.
    Reg11,
    /// VM not running.
    Reg12,
    /// Too many data disks.
    Reg13,
    /// Internal error that hides an unsupported configuration.
    Reg14,
    /// Guest agent certificate missing.
    Reg15,
    /// Agent install timed out.
    Reg16,
    /// Another operation on this item.
    Reg17,
    /// Protecting sets schedule and retention.
    Prot01,
    /// How to start protecting.
    Prot02,
    /// Protect Items wizard, screen 1.
    Prot03,
    /// Bulk protection.
    Prot04,
    /// Who appears in the protect list.
    Prot05,
    /// Protect Items wizard, screen 2.
    Prot06,
    /// One Configure Protection job per VM.
    Prot07,
    /// Protected, initial backup pending.
    Prot08,
    /// No immediate first backup.
    Prot09,
    /// Stop protection, keep data.
    Stop01,
    /// Stop protection, delete data.
    Stop02,
    /// Recreating the VM under the same identity heals the item.
    Stop03,
    /// Retention at most 30 days.
    Pol01,
    /// At most one backup a day.
    Pol02,
    /// Several policies per vault.
    Pol03,
    /// Policy = schedule + retention.
    Pol04,
    /// Many VMs per policy.
    Pol05,
    /// One policy per VM at a time.
    Pol06,
    /// Policy could not be created: too much retention.
    Pol07,
    /// Stagger policies for crowded cloud services.
    Pol08,
    /// A job per due VM at the scheduled time.
    Bkp01,
    /// Flush and snapshot through the extension.
    Bkp02,
    /// Protected after first recovery point.
    Bkp03,
    /// Copying disks out timed out (2015).
    Bkp04,
    /// Snapshot sub-task timed out (2015).
    Bkp05,
    /// Internal backup error (2015).
    Bkp06,
    /// Extension could not be installed.
    Bkp07,
    /// Another operation on this item.
    Bkp08,
    /// VM no longer exists.
    Bkp09,
    /// No contact with the agent for snapshot status.
    Bkp10,
    /// Extension operation failed.
    Bkp11,
    /// The VM does not exist.
    Bkp12,
    /// Copying disks out timed out (2016).
    Bkp13,
    /// Internal backup error (2016).
    Bkp14,
    /// Extension install failed with a COM+ error.
    Bkp15,
    /// Snapshot failed: drive locked by BitLocker.
    Bkp16,
    /// Premium storage not supported.
    Bkp17,
    /// VM not found.
    Bkp18,
    /// VM agent absent.
    Bkp19,
    /// One operation per item.
    Job01,
    /// Job filters.
    Job02,
    /// Job groups on the dashboard.
    Job03,
    /// Job type cannot be cancelled.
    Cancel01,
    /// Job not in a cancellable state.
    Cancel02,
    /// Job not in progress.
    Cancel03,
    /// Cancel failed.
    Cancel04,
    /// Cancelling is not offered (2015).
    Cancel05,
    /// Cloud internal error: target cloud service has DNS settings.
    Rst01,
    /// Cloud internal error: reserved IP and stopped VMs.
    Rst02,
    /// Cloud internal error: special network setup into the same cloud service.
    Rst03,
    /// DNS name already taken.
    Rst04,
    /// Script restores disks only.
    Rst05,
    /// Virtual network configuration invalid.
    Rst06,
    /// Reserved IP does not match.
    Rst07,
    /// Input endpoint limit reached.
    Rst08,
    /// Storage account in another region.
    Rst09,
    /// Storage account type unsupported.
    Rst10,
    /// Storage account not online.
    Rst11,
    /// Resource group quota reached.
    Rst12,
    /// Subnet does not exist.
    Rst13,
    /// Restore exists in 2015 too, with item exclusivity.
    Rst14,
    /// Snapshots are storage commands.
    Snap01,
    /// NSG blocks access to storage.
    Snap02,
    /// SQL Server backup delays the snapshot.
    Snap03,
    /// Wrong VM state after shutdown through RDP.
    Snap04,
    /// Too many VMs of one cloud service start together.
    Snap05,
    /// CPU or memory above 90 percent.
    Snap06,
    /// The extension needs public internet.
    Net01,
    /// Symptom: extension install fails.
    Net02,
    /// Symptom: backup operations fail.
    Net03,
    /// Symptom: status not shown.
    Net04,
    /// DNS must resolve platform names.
    Net05,
    /// Then IP access must be open.
    Net06,
    /// Option 1: allow the datacenter IP ranges.
    Net07,
    /// Unblock with New-NetRoute inside the VM.
    Net08,
    /// Add NSG rules for the IPs.
    Net09,
    /// Option 2: HTTP path through a proxy.
    Net10,
    /// NSG rule for the proxy.
    Net11,
    /// DHCP must stay on in the guest.
    Net12,
    /// Gallery VMs already have the agent.
    Agent01,
    /// Migrated VMs need an explicit install.
    Agent02,
    /// Install on Windows.
    Agent03,
    /// Set the VM property.
    Agent04,
    /// Install on Linux.
    Agent05,
    /// Update on Windows = reinstall.
    Agent06,
    /// No backup while the agent is updated.
    Agent07,
    /// Update on Linux.
    Agent08,
    /// Validate the agent.
    Agent09,
    /// Minimum agent version 2.6.1198.718.
    Agent10,
    /// Restart the VM to clear a bad state.
    Agent11,
    /// Four questions a recovery point answers.
    Cons01,
    /// Application consistent.
    Cons02,
    /// File-system consistent.
    Cons03,
    /// Crash consistent.
    Cons04,
    /// Spanned disks lose the guarantee.
    Cons05,
    /// Database rollback example.
    Cons06,
    /// Writers do workload-specific work.
    Cons07,
    /// Registered Items tab.
    Ui01,
    /// Workload type selector.
    Ui02,
    /// Toast with View Job.
    Ui03,
    /// Jobs tab with filters.
    Ui04,
    /// Protected Items tab.
    Ui05,
    /// Dashboard counters and drill-down.
    Ui06,
    /// Vault-type selector.
    Ui07,
    /// Three-column error help.
    Ui08,
    /// Max data disks 5 (2015).
    Limit01,
    /// Fewer than 16 data disks (2016).
    Limit02,
    /// Four simultaneous backups per cloud service.
    Limit03,
    /// CPU/memory threshold 90 percent.
    Limit04,
    /// Vault and VM in the same region.
    Limit05,
    /// Unsupported hardware configurations (2015).
    Limit06,
    /// Restore target storage kinds.
    Limit07,
    /// Dashboard window 24 hours.
    Limit08,
    /// Retry waits.
    Limit09,
}

impl AdviceId {
    /// Every id, in catalogue order.
    #[rustfmt::skip]
    pub const ALL: [AdviceId; 140] = [
        AdviceId::Pre01,
        AdviceId::Pre02,
        AdviceId::Disc01,
        AdviceId::Disc02,
        AdviceId::Disc03,
        AdviceId::Disc04,
        AdviceId::Disc05,
        AdviceId::Disc06,
        AdviceId::Disc07,
        AdviceId::Reg01,
        AdviceId::Reg02,
        AdviceId::Reg03,
        AdviceId::Reg04,
        AdviceId::Reg05,
        AdviceId::Reg06,
        AdviceId::Reg07,
        AdviceId::Reg08,
        AdviceId::Reg09,
        AdviceId::Reg10,
        AdviceId::Reg11,
        AdviceId::Reg12,
        AdviceId::Reg13,
        AdviceId::Reg14,
        AdviceId::Reg15,
        AdviceId::Reg16,
        AdviceId::Reg17,
        AdviceId::Prot01,
        AdviceId::Prot02,
        AdviceId::Prot03,
        AdviceId::Prot04,
        AdviceId::Prot05,
        AdviceId::Prot06,
        AdviceId::Prot07,
        AdviceId::Prot08,
        AdviceId::Prot09,
        AdviceId::Stop01,
        AdviceId::Stop02,
        AdviceId::Stop03,
        AdviceId::Pol01,
        AdviceId::Pol02,
        AdviceId::Pol03,
        AdviceId::Pol04,
        AdviceId::Pol05,
        AdviceId::Pol06,
        AdviceId::Pol07,
        AdviceId::Pol08,
        AdviceId::Bkp01,
        AdviceId::Bkp02,
        AdviceId::Bkp03,
        AdviceId::Bkp04,
        AdviceId::Bkp05,
        AdviceId::Bkp06,
        AdviceId::Bkp07,
        AdviceId::Bkp08,
        AdviceId::Bkp09,
        AdviceId::Bkp10,
        AdviceId::Bkp11,
        AdviceId::Bkp12,
        AdviceId::Bkp13,
        AdviceId::Bkp14,
        AdviceId::Bkp15,
        AdviceId::Bkp16,
        AdviceId::Bkp17,
        AdviceId::Bkp18,
        AdviceId::Bkp19,
        AdviceId::Job01,
        AdviceId::Job02,
        AdviceId::Job03,
        AdviceId::Cancel01,
        AdviceId::Cancel02,
        AdviceId::Cancel03,
        AdviceId::Cancel04,
        AdviceId::Cancel05,
        AdviceId::Rst01,
        AdviceId::Rst02,
        AdviceId::Rst03,
        AdviceId::Rst04,
        AdviceId::Rst05,
        AdviceId::Rst06,
        AdviceId::Rst07,
        AdviceId::Rst08,
        AdviceId::Rst09,
        AdviceId::Rst10,
        AdviceId::Rst11,
        AdviceId::Rst12,
        AdviceId::Rst13,
        AdviceId::Rst14,
        AdviceId::Snap01,
        AdviceId::Snap02,
        AdviceId::Snap03,
        AdviceId::Snap04,
        AdviceId::Snap05,
        AdviceId::Snap06,
        AdviceId::Net01,
        AdviceId::Net02,
        AdviceId::Net03,
        AdviceId::Net04,
        AdviceId::Net05,
        AdviceId::Net06,
        AdviceId::Net07,
        AdviceId::Net08,
        AdviceId::Net09,
        AdviceId::Net10,
        AdviceId::Net11,
        AdviceId::Net12,
        AdviceId::Agent01,
        AdviceId::Agent02,
        AdviceId::Agent03,
        AdviceId::Agent04,
        AdviceId::Agent05,
        AdviceId::Agent06,
        AdviceId::Agent07,
        AdviceId::Agent08,
        AdviceId::Agent09,
        AdviceId::Agent10,
        AdviceId::Agent11,
        AdviceId::Cons01,
        AdviceId::Cons02,
        AdviceId::Cons03,
        AdviceId::Cons04,
        AdviceId::Cons05,
        AdviceId::Cons06,
        AdviceId::Cons07,
        AdviceId::Ui01,
        AdviceId::Ui02,
        AdviceId::Ui03,
        AdviceId::Ui04,
        AdviceId::Ui05,
        AdviceId::Ui06,
        AdviceId::Ui07,
        AdviceId::Ui08,
        AdviceId::Limit01,
        AdviceId::Limit02,
        AdviceId::Limit03,
        AdviceId::Limit04,
        AdviceId::Limit05,
        AdviceId::Limit06,
        AdviceId::Limit07,
        AdviceId::Limit08,
        AdviceId::Limit09,
    ];

    /// Its written form.
    #[rustfmt::skip]
    pub const fn code(self) -> &'static str {
        match self {
            AdviceId::Pre01 => "PRE-01",
            AdviceId::Pre02 => "PRE-02",
            AdviceId::Disc01 => "DISC-01",
            AdviceId::Disc02 => "DISC-02",
            AdviceId::Disc03 => "DISC-03",
            AdviceId::Disc04 => "DISC-04",
            AdviceId::Disc05 => "DISC-05",
            AdviceId::Disc06 => "DISC-06",
            AdviceId::Disc07 => "DISC-07",
            AdviceId::Reg01 => "REG-01",
            AdviceId::Reg02 => "REG-02",
            AdviceId::Reg03 => "REG-03",
            AdviceId::Reg04 => "REG-04",
            AdviceId::Reg05 => "REG-05",
            AdviceId::Reg06 => "REG-06",
            AdviceId::Reg07 => "REG-07",
            AdviceId::Reg08 => "REG-08",
            AdviceId::Reg09 => "REG-09",
            AdviceId::Reg10 => "REG-10",
            AdviceId::Reg11 => "REG-11",
            AdviceId::Reg12 => "REG-12",
            AdviceId::Reg13 => "REG-13",
            AdviceId::Reg14 => "REG-14",
            AdviceId::Reg15 => "REG-15",
            AdviceId::Reg16 => "REG-16",
            AdviceId::Reg17 => "REG-17",
            AdviceId::Prot01 => "PROT-01",
            AdviceId::Prot02 => "PROT-02",
            AdviceId::Prot03 => "PROT-03",
            AdviceId::Prot04 => "PROT-04",
            AdviceId::Prot05 => "PROT-05",
            AdviceId::Prot06 => "PROT-06",
            AdviceId::Prot07 => "PROT-07",
            AdviceId::Prot08 => "PROT-08",
            AdviceId::Prot09 => "PROT-09",
            AdviceId::Stop01 => "STOP-01",
            AdviceId::Stop02 => "STOP-02",
            AdviceId::Stop03 => "STOP-03",
            AdviceId::Pol01 => "POL-01",
            AdviceId::Pol02 => "POL-02",
            AdviceId::Pol03 => "POL-03",
            AdviceId::Pol04 => "POL-04",
            AdviceId::Pol05 => "POL-05",
            AdviceId::Pol06 => "POL-06",
            AdviceId::Pol07 => "POL-07",
            AdviceId::Pol08 => "POL-08",
            AdviceId::Bkp01 => "BKP-01",
            AdviceId::Bkp02 => "BKP-02",
            AdviceId::Bkp03 => "BKP-03",
            AdviceId::Bkp04 => "BKP-04",
            AdviceId::Bkp05 => "BKP-05",
            AdviceId::Bkp06 => "BKP-06",
            AdviceId::Bkp07 => "BKP-07",
            AdviceId::Bkp08 => "BKP-08",
            AdviceId::Bkp09 => "BKP-09",
            AdviceId::Bkp10 => "BKP-10",
            AdviceId::Bkp11 => "BKP-11",
            AdviceId::Bkp12 => "BKP-12",
            AdviceId::Bkp13 => "BKP-13",
            AdviceId::Bkp14 => "BKP-14",
            AdviceId::Bkp15 => "BKP-15",
            AdviceId::Bkp16 => "BKP-16",
            AdviceId::Bkp17 => "BKP-17",
            AdviceId::Bkp18 => "BKP-18",
            AdviceId::Bkp19 => "BKP-19",
            AdviceId::Job01 => "JOB-01",
            AdviceId::Job02 => "JOB-02",
            AdviceId::Job03 => "JOB-03",
            AdviceId::Cancel01 => "CANCEL-01",
            AdviceId::Cancel02 => "CANCEL-02",
            AdviceId::Cancel03 => "CANCEL-03",
            AdviceId::Cancel04 => "CANCEL-04",
            AdviceId::Cancel05 => "CANCEL-05",
            AdviceId::Rst01 => "RST-01",
            AdviceId::Rst02 => "RST-02",
            AdviceId::Rst03 => "RST-03",
            AdviceId::Rst04 => "RST-04",
            AdviceId::Rst05 => "RST-05",
            AdviceId::Rst06 => "RST-06",
            AdviceId::Rst07 => "RST-07",
            AdviceId::Rst08 => "RST-08",
            AdviceId::Rst09 => "RST-09",
            AdviceId::Rst10 => "RST-10",
            AdviceId::Rst11 => "RST-11",
            AdviceId::Rst12 => "RST-12",
            AdviceId::Rst13 => "RST-13",
            AdviceId::Rst14 => "RST-14",
            AdviceId::Snap01 => "SNAP-01",
            AdviceId::Snap02 => "SNAP-02",
            AdviceId::Snap03 => "SNAP-03",
            AdviceId::Snap04 => "SNAP-04",
            AdviceId::Snap05 => "SNAP-05",
            AdviceId::Snap06 => "SNAP-06",
            AdviceId::Net01 => "NET-01",
            AdviceId::Net02 => "NET-02",
            AdviceId::Net03 => "NET-03",
            AdviceId::Net04 => "NET-04",
            AdviceId::Net05 => "NET-05",
            AdviceId::Net06 => "NET-06",
            AdviceId::Net07 => "NET-07",
            AdviceId::Net08 => "NET-08",
            AdviceId::Net09 => "NET-09",
            AdviceId::Net10 => "NET-10",
            AdviceId::Net11 => "NET-11",
            AdviceId::Net12 => "NET-12",
            AdviceId::Agent01 => "AGENT-01",
            AdviceId::Agent02 => "AGENT-02",
            AdviceId::Agent03 => "AGENT-03",
            AdviceId::Agent04 => "AGENT-04",
            AdviceId::Agent05 => "AGENT-05",
            AdviceId::Agent06 => "AGENT-06",
            AdviceId::Agent07 => "AGENT-07",
            AdviceId::Agent08 => "AGENT-08",
            AdviceId::Agent09 => "AGENT-09",
            AdviceId::Agent10 => "AGENT-10",
            AdviceId::Agent11 => "AGENT-11",
            AdviceId::Cons01 => "CONS-01",
            AdviceId::Cons02 => "CONS-02",
            AdviceId::Cons03 => "CONS-03",
            AdviceId::Cons04 => "CONS-04",
            AdviceId::Cons05 => "CONS-05",
            AdviceId::Cons06 => "CONS-06",
            AdviceId::Cons07 => "CONS-07",
            AdviceId::Ui01 => "UI-01",
            AdviceId::Ui02 => "UI-02",
            AdviceId::Ui03 => "UI-03",
            AdviceId::Ui04 => "UI-04",
            AdviceId::Ui05 => "UI-05",
            AdviceId::Ui06 => "UI-06",
            AdviceId::Ui07 => "UI-07",
            AdviceId::Ui08 => "UI-08",
            AdviceId::Limit01 => "LIMIT-01",
            AdviceId::Limit02 => "LIMIT-02",
            AdviceId::Limit03 => "LIMIT-03",
            AdviceId::Limit04 => "LIMIT-04",
            AdviceId::Limit05 => "LIMIT-05",
            AdviceId::Limit06 => "LIMIT-06",
            AdviceId::Limit07 => "LIMIT-07",
            AdviceId::Limit08 => "LIMIT-08",
            AdviceId::Limit09 => "LIMIT-09",
        }
    }
}

impl fmt::Display for AdviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// No entry has this id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no advice {0:?}")]
pub struct UnknownAdvice(pub String);

impl FromStr for AdviceId {
    type Err = UnknownAdvice;

    /// Reads the written form, in either letter case.
    fn from_str(text: &str) -> Result<AdviceId, UnknownAdvice> {
        let mut all = AdviceId::ALL.into_iter();
        all.find(|id| id.code().eq_ignore_ascii_case(text)).ok_or_else(|| UnknownAdvice(text.to_string()))
    }
}

impl TryFrom<String> for AdviceId {
    type Error = UnknownAdvice;

    fn try_from(text: String) -> Result<AdviceId, UnknownAdvice> {
        text.parse()
    }
}

impl From<AdviceId> for String {
    fn from(id: AdviceId) -> String {
        id.code().to_string()
    }
}
