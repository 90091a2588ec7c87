//! What a year of a few machines costs in counted work. A year of a thousand is measured
//! by `vhault sim scale`.

use super::*;
use crate::lifecycle::Senseless;

#[test]
fn a_year_of_nights_costs_a_fixed_number_of_events_a_backup() {
    let mut simulation = estate(8).unwrap();
    let before = simulation.world().events;
    let report = live(&mut simulation, 365).unwrap();
    let catalogue = &simulation.world().vaults[&vault()].catalogue;
    assert_eq!((report.vms, report.points_created), (8, 8 * 365));
    assert_eq!(report.points, 8 * 7, "seven days of each");
    let events = simulation.world().events - before;
    assert!(events / (8 * 365) <= 22, "{events} events");
    let longest =
        simulation.world().vms.values().flat_map(|vm| vm.content.values()).map(|map| map.runs().len()).max();
    assert!(longest.unwrap() <= 17, "block maps do not grow with time");
    assert!(catalogue.jobs.len() <= 8 * 31 + 8, "ended jobs are forgotten");
}

#[test]
fn twice_the_machines_take_twice_the_events_and_bytes() {
    let of = |vms| live(&mut estate(vms).unwrap(), 40).unwrap();
    let (few, many) = (of(4), of(8));
    assert!(many.events <= 2 * few.events, "{} and {}", few.events, many.events);
    assert!(many.state_bytes <= 2 * few.state_bytes, "{} and {}", few.state_bytes, many.state_bytes);
}

#[test]
fn an_estate_or_a_time_beyond_its_bound_is_refused() {
    let number = |refusal: Refusal| assert_eq!(refusal, Senseless::Number.into());
    number(estate(ESTATE_VMS_MAX + 1).err().unwrap());
    let mut one = estate(1).unwrap();
    let before = one.world().hash();
    number(live(&mut one, ESTATE_DAYS_MAX + 1).unwrap_err());
    assert_eq!(one.world().hash(), before);
}
