// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include "decide/initrd_fit.h"

#define GROWTH (4 * MIB)
#define THERE  (60 * MIB)
#define SPARE  MIB                      // of what is large
#define LITTLE (GROWTH / 8 + 64 * 1024) // of the growth alone

static struct initrd_room room;
static struct initrd_fit fit;

// A host whose initrd is there without gvt-early, in /boot and on an ESP, with enough room in both.
static int set_up(void **state)
{
	(void)state;
	room = (struct initrd_room){ .release = "6.1",
				     .grown = true,
				     .growth = { .bytes = GROWTH },
				     .beside = true,
				     .on_esps = true,
				     .place_count = 2 };
	room.places[0] = (struct room_place){ .known = true, .free = 500 * MIB, .there = THERE, .initrds = 3 };
	room.places[1] = (struct room_place){
		.known = true, .esp = "1234-ABCD", .free = 500 * MIB, .there = THERE, .initrds = 3
	};
	return 0;
}

// The least that has to be free in a place: with one byte less it does not fit.
static void assert_needs(size_t place, uint64_t needed)
{
	room.places[place].free = needed;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
	room.places[place].free = needed - 1;
	initrd_fit_judge(&fit, &room);
	assert_ptr_equal(fit.lacking, &room.places[place]);
	assert_int_equal(fit.needed, needed);
	room.places[place].free = 500 * MIB;
}

static void beside(void **state)
{
	(void)state;
	assert_needs(0, THERE + GROWTH + SPARE);
	room.copies = true; // the old one is copied before
	assert_needs(0, 2 * THERE + GROWTH + SPARE);
	// Also when the initrd has gvt-early already: the next one would not be written.
	room.growth.bytes = 0;
	room.copies = false;
	assert_needs(0, THERE + SPARE);
}

static void over(void **state)
{
	(void)state;
	room.beside = false;
	assert_needs(0, GROWTH + LITTLE);
	room.growth.bytes = 0;
	room.places[0].free = 0;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
}

// What a first one will be like, the others tell; without them nothing but the growth is known.
static void first(void **state)
{
	(void)state;
	room.places[0].there = room.places[1].there = 0;
	assert_needs(0, GROWTH + LITTLE);
	assert_needs(1, GROWTH + LITTLE);
	room.other = 50 * MIB;
	assert_needs(0, 50 * MIB + GROWTH + SPARE);
	room.beside = false; // there is nothing to write over
	assert_needs(0, 50 * MIB + GROWTH + SPARE);
	room.places[1].pending = 9 * MIB; // its kernel
	assert_needs(1, 50 * MIB + GROWTH + 9 * MIB + SPARE);
}

static void esps(void **state)
{
	(void)state;
	assert_needs(1, GROWTH + LITTLE);
	room.places[1].pending = 3 * GROWTH; // of kernels whose initrds have grown before the ESPs are filled
	assert_needs(1, 4 * GROWTH + SPARE);
	// It is as large there already: whatever else does not fit is not our doing.
	room.places[1].there = THERE + GROWTH;
	room.places[1].free = 0;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
	// Nor is it where proxmox-boot-tool does not copy this kernel.
	room.places[1].there = 0;
	room.on_esps = false;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
	room.on_esps = true;
	initrd_fit_judge(&fit, &room);
	assert_non_null(fit.lacking);
}

// What is not known refuses nothing.
static void unknown(void **state)
{
	(void)state;
	room.places[0].known = room.places[1].known = false;
	room.places[0].free = room.places[1].free = 0;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
	assert_null(initrd_fit_all(&room).place);
	room.places[0].known = room.places[1].known = true;
	room.grown = false;
	initrd_fit_judge(&fit, &room);
	assert_null(fit.lacking);
	assert_null(initrd_fit_all(&room).place);
}

static void all(void **state)
{
	(void)state;
	assert_null(initrd_fit_all(&room).place);
	room.places[1].free = 3 * GROWTH + LITTLE;
	assert_null(initrd_fit_all(&room).place);
	room.places[1].free--;
	assert_ptr_equal(initrd_fit_all(&room).place, &room.places[1]);
	assert_int_equal(initrd_fit_all(&room).count, 2);
	// In /boot a whole one is written beside the old ones, and the growth of each stays.
	room.places[0].free = THERE + 2 * GROWTH + SPARE - 1;
	assert_ptr_equal(initrd_fit_all(&room).place, &room.places[0]);
	assert_int_equal(initrd_fit_all(&room).count, 1);
}

static void told(void **state)
{
	struct finding finding;
	(void)state;
	room.places[1].free = GROWTH + LITTLE - 1;
	initrd_fit_judge(&fit, &room);
	finding_make(&finding, "next-room", SEVERITY_FAILED, CAUSE_NEXT_NO_ROOM);
	initrd_fit_tell(&fit, &room, &finding);
	assert_string_equal(finding_get(&finding, VALUE_ESP), "1234-ABCD");
	assert_string_equal(finding_get(&finding, VALUE_FREE), "4.5 MiB");
	assert_string_equal(finding_get(&finding, VALUE_NEEDED), "4.6 MiB");
	assert_string_equal(finding_get(&finding, VALUE_GROWTH), "4.0 MiB");
	assert_false(finding_has(&finding, VALUE_AT_MOST) || finding_has(&finding, VALUE_BESIDE));
	char text[FIT_SIZE];
	assert_string_equal(initrd_fit_size(200 * 1024 * MIB, text), "200 GiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(beside, set_up),  cmocka_unit_test_setup(over, set_up),
		cmocka_unit_test_setup(first, set_up),   cmocka_unit_test_setup(esps, set_up),
		cmocka_unit_test_setup(unknown, set_up), cmocka_unit_test_setup(all, set_up),
		cmocka_unit_test_setup(told, set_up),
	};
	return run_group(tests);
}
