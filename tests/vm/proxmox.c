// SPDX-License-Identifier: GPL-2.0-or-later
// Plays what Proxmox VE does with a guest's mediated device when the guest starts and stops (qemu-server:
// vm_start_nolock, PVE/QemuServer/PCI/Mdev.pm, cleanup_pci_devices): again and again, and says at which of its steps a
// start fails.
//
// usage: proxmox VMID SLOT PARENT CONFIG CYCLES HOOKSCRIPT|- TYPE...
//
// Before each start the next TYPE is written into CONFIG, under the guest's lock as by "qm set". The last line is
// "VMID: N starts, N failed, N found, N made".
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOCK_DIR        "/var/lock/qemu-server"
#define LOCK_TIMEOUT_MS 10000 // lock_config

static const char *vmid, *parent, *config, *hookscript;
static char uuid[40];
static unsigned found, made;

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

__attribute__((format(printf, 1, 2))) static bool fails(const char *format, ...)
{
	va_list args;
	printf("%s: ", vmid);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(" (%s)\n", strerror(errno));
	fflush(stdout);
	return false;
}

static bool is_dir(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool write_file(const char *path, const char *text, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0640);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return written;
}

static int lock_config(void)
{
	char path[128];
	mkdir(LOCK_DIR, 0755);
	snprintf(path, sizeof(path), LOCK_DIR "/lock-%s.conf", vmid);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	for (int waited = 0; fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0; waited += 2) {
		if (waited >= LOCK_TIMEOUT_MS) {
			fails("can't lock file '%s' - got timeout", path);
			close(fd);
			return -1;
		}
		pause_ms(2);
	}
	return fd;
}

// As run_command does: what the script prints is read to its end, without a limit; whoever keeps the pipe open keeps
// the start.
static bool run_hook(const char *phase)
{
	char text[512];
	int status, output[2];
	ssize_t n;
	if (!hookscript)
		return true;
	if (pipe2(output, O_CLOEXEC) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0) {
		dup2(output[1], STDOUT_FILENO);
		dup2(output[1], STDERR_FILENO);
		execl(hookscript, hookscript, vmid, phase, (char *)NULL);
		_exit(127);
	}
	close(output[1]);
	while ((n = read(output[0], text, sizeof(text))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			fwrite(text, 1, (size_t)n, stdout);
	close(output[0]);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool iommu_present(void)
{
	DIR *dir = opendir("/sys/class/iommu");
	int entries = 0;
	while (dir && readdir(dir))
		entries++;
	if (dir)
		closedir(dir);
	return entries > 2;
}

// pci_create_mdev_device
static bool create_mdev(const char *type)
{
	char dir[128], types[160], path[256], text[64] = "";
	snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s", parent);
	snprintf(types, sizeof(types), "%s/mdev_supported_types", dir);
	if (!is_dir(types))
		return fails("pci device '%s' does not support mediated devices", parent);
	snprintf(path, sizeof(path), "%s/%s", types, type);
	if (!is_dir(path))
		return fails("pci device '%s' has no type '%s'", parent, type);

	snprintf(path, sizeof(path), "%s/%s", dir, uuid);
	if (is_dir(path)) {
		strncat(path, "/mdev_type", sizeof(path) - strlen(path) - 1);
		ssize_t n = readlink(path, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		const char *name = strrchr(text, '/');
		if (!name || strcmp(name + 1, type) != 0)
			return fails("mdev instance '%s' already exists, but type is not '%s' but '%s'", uuid, type,
				     text);
		found++;
		return true;
	}

	snprintf(path, sizeof(path), "%s/%s/available_instances", types, type);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	if (atoi(text) < 1)
		return fails("pci device '%s' has no available instances of '%s'", parent, type);
	snprintf(path, sizeof(path), "%s/%s/create", types, type);
	if (!write_file(path, uuid, 0))
		return fails("could not create 'mdev' of type '%s'", type);
	made++;
	return true;
}

static void remove_mdev(void)
{
	char path[128];
	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/remove", uuid);
	(void)write_file(path, "1", 0);
}

// QEMU: has the group open until it is killed. Returns its process, 0 when it could not.
static pid_t start_qemu(int lock)
{
	char path[128], group[256];
	int ready[2];
	char byte;
	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	ssize_t n = readlink(path, group, sizeof(group) - 1);
	group[n > 0 ? n : 0] = '\0';
	const char *name = strrchr(group, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%s", name ? name + 1 : "?");
	if (pipe2(ready, O_CLOEXEC) < 0)
		return 0;
	pid_t pid = fork();
	if (pid == 0) {
		close(lock); // which the real one does by its exec
		int fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			fails("kvm: vfio %s: failed to open %s", uuid, path);
			_exit(1);
		}
		if (write(ready[1], "", 1) == 1)
			for (;;)
				pause();
		_exit(1);
	}
	close(ready[1]);
	bool up = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	if (!up)
		waitpid(pid, NULL, 0);
	return up ? pid : 0;
}

static void set_type(const char *type)
{
	char text[160];
	int lock = lock_config();
	snprintf(text, sizeof(text), "onboot: 1\nhostpci0: %s,mdev=%s\n", parent, type);
	char path[256];
	snprintf(path, sizeof(path), "%s.tmp", config);
	if (!write_file(path, text, O_CREAT | O_TRUNC) || rename(path, config) < 0)
		fails("%s", config);
	close(lock);
}

static pid_t start(const char *type)
{
	pid_t qemu = 0;
	int lock = lock_config();
	if (lock < 0)
		return 0;
	errno = 0;
	if (!run_hook("pre-start"))
		fails("hookscript error for %s on pre-start", vmid);
	else if (!iommu_present())
		fails("cannot prepare PCI pass-through, IOMMU not present");
	else if (create_mdev(type))
		qemu = start_qemu(lock);
	if (qemu > 0)
		(void)run_hook("post-start");
	else
		remove_mdev(); // vm_stop_cleanup of a failed start
	close(lock);
	return qemu;
}

static void stop(pid_t qemu)
{
	int lock = lock_config();
	kill(qemu, SIGKILL);
	waitpid(qemu, NULL, 0);
	remove_mdev();
	(void)run_hook("post-stop");
	if (lock >= 0)
		close(lock);
}

int main(int argc, char **argv)
{
	if (argc < 8) {
		fputs("usage: proxmox VMID SLOT PARENT CONFIG CYCLES HOOKSCRIPT|- TYPE...\n", stderr);
		return 125;
	}
	unsigned cycles = (unsigned)atoi(argv[5]), failed = 0;
	vmid = argv[1];
	parent = argv[3];
	config = argv[4];
	hookscript = strcmp(argv[6], "-") == 0 ? NULL : argv[6];
	snprintf(uuid, sizeof(uuid), "%08d-0000-0000-0000-%012d", atoi(argv[2]), atoi(vmid));
	for (unsigned i = 0; i < cycles; i++) {
		const char *type = argv[7 + i % (unsigned)(argc - 7)];
		set_type(type);
		pause_ms(i % 7 * 3);
		pid_t qemu = start(type);
		if (qemu > 0) {
			pause_ms(i % 5 * 3);
			stop(qemu);
		} else {
			failed++;
		}
		pause_ms(i % 3 * 10); // time for others to make it
	}
	printf("%s: %u starts, %u failed, %u found, %u made\n", vmid, cycles, failed, found, made);
	return failed > 0;
}
