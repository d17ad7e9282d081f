#include "jobs/executors/process/sandbox.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <type_traits>

#include "engine/base/fd.h"

namespace yard::jobs {
namespace {

// By name, as not every machine has each of them.
constexpr std::array kRefused = {
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp",
    // the kernel
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "bpf", "perf_event_open",
    "userfaultfd", "reboot", "swapon", "swapoff", "acct", "io_uring_setup", "io_uring_enter", "io_uring_register",
    // files by other ways than paths
    "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "mount_setattr", "fsopen", "fsconfig",
    "fsmount", "fspick", "open_by_handle_at",
    // namespaces, and leaving the process group
    "setns", "unshare", "setsid", "setpgid",
    // keys and clocks
    "keyctl", "add_key", "request_key", "settimeofday", "clock_settime", "clock_settime64", "adjtimex", "clock_adjtime",
    "clock_adjtime64"};

constexpr std::array kNamespaceFlags = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWNET,
                                        CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP};

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release>;

std::unexpected<Error> unsupported(std::string_view what, int error) {
  return fail(ErrorCode::kUnsupported,
              "seccomp filter: " + std::string(what) + ": " + std::generic_category().message(error));
}

// libseccomp's results are zero or a negative errno.
int add_rules(scmp_filter_ctx context, bool network) {
  for (const char* name : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) continue;  // not on this machine
    if (const int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0); failed < 0) return failed;
  }
  for (const int flag : kNamespaceFlags) {
    const auto bit = static_cast<scmp_datum_t>(static_cast<unsigned>(flag));
    const scmp_arg_cmp has_flag{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = bit, .datum_b = bit};
    const int failed = seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &has_flag);
    if (failed < 0) return failed;
  }
  if (const int failed = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0); failed < 0)
    return failed;
  if (network) return 0;
  // "Not AF_UNIX" rather than "AF_INET": a filter sees 64 bits where the kernel looks at 32.
  const scmp_arg_cmp not_unix{.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX, .datum_b = 0};
  return seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1, &not_unix);
}

// libseccomp 2.5 writes to files only.
Result<SeccompFilter> exported(scmp_filter_ctx context) {
  const Fd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file) return unsupported("memfd_create", errno);
  if (const int failed = seccomp_export_bpf(context, file.get()); failed < 0) return unsupported("export", -failed);
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return unsupported("fstat", errno);
  SeccompFilter filter(static_cast<std::size_t>(about.st_size) / sizeof(sock_filter));
  const std::size_t size = filter.size() * sizeof(sock_filter);
  if (::pread(file.get(), filter.data(), size, 0) != static_cast<ssize_t>(size)) return unsupported("pread", EIO);
  return filter;
}

}  // namespace

Result<SeccompFilter> make_seccomp_filter(bool network) {
  const Context context(seccomp_init(SCMP_ACT_ALLOW));
  if (!context) return unsupported("seccomp_init", ENOSYS);
  if (const int failed = add_rules(context.get(), network); failed < 0) return unsupported("rule", -failed);
  return exported(context.get());
}

}  // namespace yard::jobs
