// SPDX-License-Identifier: GPL-2.0-or-later
#include "act/udev_wait.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/file.h"

#define UDEV_GROUP     2 // systemd, sd-device/device-monitor.c: MONITOR_GROUP_UDEV
#define RECEIVE_BUFFER (8 * 1024 * 1024)

// What libudev puts before the properties (systemd, sd-device/device-monitor.c: monitor_netlink_header).
struct header {
	char prefix[8]; // "libudev"
	uint32_t magic; // in network order
	uint32_t header_size;
	uint32_t properties_offset;
	uint32_t properties_length;
};

#define MAGIC      0xfeedcafe
#define EVENTS_MAX 4096

bool udev_started(const struct root *root)
{
	if (!file_exists(root->run, "udev/control"))
		return false;
	// In a systemd initrd the socket is there before the daemon is: systemd has opened it.
	if (!file_exists(root->run, "systemd/system"))
		return true;
	CLEANUP_FREE char *events = NULL;
	size_t length;
	return file_read(root->sys, "fs/cgroup/system.slice/systemd-udevd.service/cgroup.events", EVENTS_MAX, &events,
			 &length) == 0 &&
		strstr(events, "populated 1");
}

int udev_listen(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	const int size = RECEIVE_BUFFER;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = UDEV_GROUP };
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		int r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

bool udev_message_is_for(const char *message, size_t length, const char *address)
{
	struct header header;
	if (length < sizeof(header))
		return false;
	memcpy(&header, message, sizeof(header));
	if (memcmp(header.prefix, "libudev", sizeof(header.prefix)) != 0 || ntohl(header.magic) != MAGIC ||
	    header.properties_offset > length || header.properties_length > length - header.properties_offset)
		return false;

	// DEVPATH=/devices/pci0000:00/0000:00:02.0, SUBSYSTEM=pci, each ended by a NUL.
	bool is_pci = false, is_device = false;
	const char *at = message + header.properties_offset;
	const char *end = at + header.properties_length;
	size_t wanted = strlen(address);
	while (at < end) {
		size_t n = strnlen(at, (size_t)(end - at));
		if (n == strlen("SUBSYSTEM=pci") && memcmp(at, "SUBSYSTEM=pci", n) == 0)
			is_pci = true;
		if (n > strlen("DEVPATH=/") + wanted && memcmp(at, "DEVPATH=", strlen("DEVPATH=")) == 0)
			is_device = at[n - wanted - 1] == '/' && memcmp(at + n - wanted, address, wanted) == 0;
		at += n + 1;
	}
	return is_pci && is_device;
}

int udev_wait(int fd, int wake, const char *address, uint64_t until_us)
{
	static char message[16 * 1024];
	for (;;) {
		struct pollfd poll_for[] = { { .fd = fd, .events = POLLIN }, { .fd = wake, .events = POLLIN } };
		int left = clock_left_ms(until_us);
		int n = poll(poll_for, ARRAY_SIZE(poll_for), left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0 && left == 0)
			return 0;
		if (n <= 0)
			continue;
		if (!poll_for[0].revents)
			return 0;
		ssize_t length = recv(fd, message, sizeof(message), 0);
		if (length > 0 && udev_message_is_for(message, (size_t)length, address))
			return 1;
		// ENOBUFS: events were lost, this one perhaps among them; the time limit remains.
		if (length < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
			return -errno;
	}
}
