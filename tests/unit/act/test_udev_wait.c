// SPDX-License-Identifier: GPL-2.0-or-later
#include "helper.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "act/udev_wait.h"
#include "base/clock.h"

#define ADDRESS "0000:00:02.0"
#define DEVPATH "DEVPATH=/devices/pci0000:00/" ADDRESS

// A message as udev sends it, with a header that a test can damage.
struct message {
	struct {
		char prefix[8];
		uint32_t magic, header_size, properties_offset, properties_length;
		uint32_t subsystem_hash, devtype_hash, tag_bloom_high, tag_bloom_low;
	} header;
	char properties[256];
};

static size_t fill(struct message *message, const char *first, const char *second, const char *third)
{
	*message = (struct message){ 0 };
	memcpy(message->header.prefix, "libudev", 8);
	message->header.magic = htonl(0xfeedcafe);
	message->header.header_size = sizeof(message->header);
	message->header.properties_offset = sizeof(message->header);
	size_t used = 0;
	const char *const properties[] = { first, second, third };
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i]) {
			strcpy(message->properties + used, properties[i]);
			used += strlen(properties[i]) + 1;
		}
	message->header.properties_length = (uint32_t)used;
	return sizeof(message->header) + used;
}

// In a block of exactly its size: the sanitizer sees a byte too many.
static bool is_for(const struct message *message, size_t length)
{
	char *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	memcpy(exact, message, length);
	bool result = udev_message_is_for(exact, length, ADDRESS);
	free(exact);
	return result;
}

static bool properties_are_for(const char *first, const char *second, const char *third)
{
	struct message message;
	return is_for(&message, fill(&message, first, second, third));
}

// Whether the daemon runs: under systemd the socket alone says nothing.
static void started(void **state)
{
	struct tree *tree = *state;
	assert_false(udev_started(&tree->root));
	tree_put(tree, "run/udev/control", "");
	assert_true(udev_started(&tree->root));

	tree_put(tree, "run/systemd/system/x", "");
	assert_false(udev_started(&tree->root));
	tree_put(tree, "sys/fs/cgroup/system.slice/systemd-udevd.service/cgroup.events", "populated 0\nfrozen 0\n");
	assert_false(udev_started(&tree->root));
	tree_put(tree, "sys/fs/cgroup/system.slice/systemd-udevd.service/cgroup.events", "populated 1\nfrozen 0\n");
	assert_true(udev_started(&tree->root));
}

static void the_device(void **state)
{
	(void)state;
	assert_true(properties_are_for("ACTION=add", DEVPATH, "SUBSYSTEM=pci"));
	assert_true(properties_are_for("SUBSYSTEM=pci", "ACTION=change", DEVPATH));
}

static void another_device(void **state)
{
	(void)state;
	assert_false(properties_are_for("ACTION=add", "DEVPATH=/devices/pci0000:00/0000:00:03.0", "SUBSYSTEM=pci"));
	assert_false(properties_are_for("ACTION=add", DEVPATH "/drm/card0", "SUBSYSTEM=drm"));
	assert_false(properties_are_for("ACTION=add", DEVPATH "/drm/card0", "SUBSYSTEM=pci"));
	assert_false(properties_are_for("ACTION=add", "DEVPATH=/devices/pci0000:00/1" ADDRESS, "SUBSYSTEM=pci"));
	assert_false(properties_are_for("ACTION=add", DEVPATH, "SUBSYSTEM=pci_bus"));
	assert_false(properties_are_for("ACTION=add", DEVPATH, NULL));
	assert_false(properties_are_for("ACTION=add", "SUBSYSTEM=pci", NULL));
	assert_false(properties_are_for("SUBSYSTEM=pci", "DEVPATH_OLD=/devices/" ADDRESS, "DEVPATH=/devices/x"));
	assert_false(properties_are_for("", "", ""));
}

static void damaged(void **state)
{
	(void)state;
	struct message message;
	size_t length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	assert_true(is_for(&message, length));
	for (size_t shorter = 0; shorter < length - 1; shorter++)
		assert_false(is_for(&message, shorter));

	message.header.magic = 0xfeedcafe + 1;
	assert_false(is_for(&message, length));
	length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	message.header.prefix[0] = 'L';
	assert_false(is_for(&message, length));
	length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	message.header.properties_length = UINT32_MAX; // together with the offset it wraps round
	assert_false(is_for(&message, length));
	length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	message.header.properties_offset = UINT32_MAX;
	assert_false(is_for(&message, length));
	length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	message.header.properties_offset = (uint32_t)length;
	message.header.properties_length = 0;
	assert_false(is_for(&message, length));
	// The last property without a NUL is still one.
	length = fill(&message, "SUBSYSTEM=pci", DEVPATH, NULL) - 1;
	message.header.properties_length--;
	assert_true(is_for(&message, length));
}

static void waiting(void **state)
{
	(void)state;
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds), 0);
	struct message message;
	size_t length = fill(&message, "DEVPATH=/devices/x", "SUBSYSTEM=pci", NULL);
	assert_int_equal(send(fds[1], &message, length, 0), (ssize_t)length);
	assert_int_equal(udev_wait(fds[0], -1, ADDRESS, clock_now_us() + 20 * USEC_PER_MSEC), 0);

	length = fill(&message, DEVPATH, "SUBSYSTEM=pci", NULL);
	assert_int_equal(send(fds[1], "noise", 5, 0), 5);
	assert_int_equal(send(fds[1], &message, length, 0), (ssize_t)length);
	assert_int_equal(udev_wait(fds[0], -1, ADDRESS, clock_now_us() + 20 * USEC_PER_SEC), 1);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_device), cmocka_unit_test(another_device),
		cmocka_unit_test(damaged),    cmocka_unit_test(waiting),
		tree_test(started),
	};
	return run_group(tests);
}
