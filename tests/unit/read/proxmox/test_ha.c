// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "read/proxmox/ha.h"

static struct ha_list list;

static enum ha_state state_of_100(const char *text)
{
	assert_int_equal(ha_parse(&list, text), 0);
	return ha_state_of(&list, 100);
}

static void states(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum ha_state state;
	} cases[] = {
		{ "", HA_NOT_MANAGED },
		{ "vm: 101\n\tstate started\n", HA_NOT_MANAGED },
		{ "vm: 100\n", HA_STARTED },
		{ "vm: 100\n\tgroup a\n", HA_STARTED },
		{ "vm: 100\n\tstate started\n", HA_STARTED },
		{ "vm: 100\n\tstate enabled\n", HA_STARTED },
		{ "vm: 100\n\tstate stopped\n", HA_STOPPED },
		{ "vm: 100\n\tstate disabled\n", HA_STOPPED },
		{ "vm: 100\n\tstate ignored\n", HA_NOT_MANAGED },
		{ "vm: 100\n\tstate nonsense\n", HA_STARTED },                 // not taken
		{ "vm: 100\n\tstate stopped\n\tstate started\n", HA_STOPPED }, // the first counts
		{ "vm: 100\n\tstate nonsense\n\tstate stopped\n", HA_STOPPED },
		{ "vm: 100\n\tmax_restart 2\n\n\tstate stopped\n", HA_STARTED }, // the section has ended
		{ "VM:100 \n\tstate stopped\n", HA_STOPPED },
		{ "ct: 100\n\tstate started\n", HA_NOT_MANAGED },
		{ "vm: 0100\n", HA_NOT_MANAGED },
		{ "vm: 100 x\n", HA_NOT_MANAGED },
		{ "vm 100\n", HA_NOT_MANAGED },
		{ ": 100\n", HA_NOT_MANAGED },
		{ "vm:\n", HA_NOT_MANAGED },
		{ "a:vm: 100\n", HA_NOT_MANAGED },
		{ "\tvm: 100\n", HA_NOT_MANAGED },
		{ "# vm: 100\n", HA_NOT_MANAGED },
		{ "vm: 101\n\tstate stopped\nvm: 100\n", HA_NOT_MANAGED }, // no empty line between them
		{ "vm: 100\n\tstate stopped\n\nvm: 100\n\tstate started\n", HA_STARTED },
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (state_of_100(cases[i].text) != cases[i].state) {
			print_error("%d: %s\n", (int)ha_state_of(&list, 100), cases[i].text);
			fail();
		}
}

static void several(void **state)
{
	(void)state;
	assert_equal(state_of_100("ct: 99\n\tstate stopped\n\nvm: 100\n\tstate started\n\nvm: 8006\n\tstate stopped\n"),
		     HA_STARTED);
	assert_equal(ha_state_of(&list, 8006), HA_STOPPED);
	assert_equal(ha_state_of(&list, 99), HA_NOT_MANAGED);
}

static void more_than_fit(void **state)
{
	(void)state;
	char *text = calloc(HA_MAX + 2, 32);
	assert_non_null(text);
	for (unsigned i = 0; i <= HA_MAX; i++)
		sprintf(text + strlen(text), "vm: %u\n\n", 100 + i);
	assert_equal(state_of_100(text), HA_STARTED);
	assert_int_equal(list.count, HA_MAX);
	assert_equal(ha_state_of(&list, 100 + HA_MAX), HA_NOT_MANAGED);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(several),
		cmocka_unit_test(more_than_fit),
	};
	return run_group(tests);
}
