use super::ROOT_SYMBOL;
#[test]
fn the_name_of_the_root_symbol_is_the_one_that_abi_stable_looks_for() {
    assert_eq!(ROOT_SYMBOL, abi_stable::library::ROOT_MODULE_LOADER_NAME);
}
