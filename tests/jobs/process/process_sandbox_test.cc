// What a child may do, what it inherits, and what it runs into.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/fd.h"
#include "jobs/executors/process/sandbox.h"
#include "tests/jobs/process/process_fixture.h"

namespace yard::jobs {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ProcessSandboxConcurrent : public ProcessFixture {
 protected:
  // Runs Python statements that end with `answer` as text.
  std::string answer(const std::string& program, CommandSpec spec = {}) {
    spec.argv = python(program + "\nprint(json.dumps({'result': {'answer': str(answer)}}))").argv;
    return text(run(std::move(spec)), "answer");
  }

  // The name of the errno that a call of libc fails with.
  std::string errno_of(const std::string& call, CommandSpec spec = {}) {
    return answer(
        "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "answer = 'worked' if " +
            call + " >= 0 else errno.errorcode[ctypes.get_errno()]",
        std::move(spec));
  }
};

// ---- what is inherited

TEST_F(ProcessSandboxConcurrent, TheEnvironmentIsCleanButForWhatIsDeclared) {
  ::setenv("YARD_TEST_SECRET", "do not tell", 1);
  CommandSpec spec;
  spec.environment = {{"OWN", "a=b c"}, {"LANG", "C"}};
  spec.working_folder = "/";
  EXPECT_EQ(answer("answer = sorted(os.environ.items())", spec),
            "[('HOME', '/'), ('LANG', 'C'), ('LC_CTYPE', 'C.UTF-8'), ('OWN', 'a=b c'), "
            "('PATH', '/usr/local/bin:/usr/bin:/bin'), ('SWITCHYARD_JOB_ID', '00000000000000000000000000000001')]")
      << "LC_CTYPE is python's own";
  ::unsetenv("YARD_TEST_SECRET");
}

TEST_F(ProcessSandboxConcurrent, NoFilesAreInherited) {
  const Fd inheritable(::open("/etc/passwd", O_RDONLY));
  const Fd high(::fcntl(inheritable.get(), F_DUPFD, 200));
  EXPECT_EQ(answer("answer = [fd for fd in range(1000) if os.path.exists(f'/proc/self/fd/{fd}')]"), "[0, 1, 2]");
}

TEST_F(ProcessSandboxConcurrent, SignalsAreAsAtALogin) {
  ::signal(SIGUSR1, SIG_IGN);
  EXPECT_EQ(answer("lines = open('/proc/self/status').read().split('\\n')\n"
                   "answer = [int(l.split()[1], 16) & (1 << 9) for l in lines if l[:7] in ('SigBlk:', 'SigIgn:')]"),
            "[0, 0]");
  ::signal(SIGUSR1, SIG_DFL);
}

TEST_F(ProcessSandboxConcurrent, ItLeadsASessionOfItsOwn) {
  EXPECT_EQ(answer("answer = os.getsid(0) == os.getpgid(0) == os.getpid()"), "True");
}

// ---- limits

TEST_F(ProcessSandboxConcurrent, MemoryIsLimited) {
  auto spec = python("bytearray(1 << 30)");
  spec.limits.memory_bytes = 256u << 20;
  const std::string said = message(run(spec));
  EXPECT_THAT(said, StartsWith("exited with status 1; stderr: Traceback"));
  EXPECT_THAT(said, HasSubstr("MemoryError"));
}

TEST_F(ProcessSandboxConcurrent, CpuTimeIsLimited) {
  auto spec = shell("while :; do :; done");
  spec.limits.cpu_seconds = 1;
  EXPECT_EQ(message(run(spec)), "killed by SIGXCPU: its limit of 1 s of CPU time");
}

TEST_F(ProcessSandboxConcurrent, CpuTimeIsLimitedForWhoIgnoresTheSignal) {
  auto spec = python("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass");
  spec.limits.cpu_seconds = 1;
  EXPECT_EQ(message(run(spec)), "killed by SIGKILL: its limit of 1 s of CPU time");
}

TEST_F(ProcessSandboxConcurrent, FilesAreLimited) {
  auto spec = shell("exec head -c 100000 /dev/zero >file");
  spec.limits.file_bytes = 1'000;
  EXPECT_EQ(message(run(spec)), "killed by SIGXFSZ: its limit of 1000 bytes a file");
}

TEST_F(ProcessSandboxConcurrent, AShellsChildThatALimitEndedIsNamed) {
  auto spec = shell("head -c 100000 /dev/zero >file; exit $?");
  spec.limits.file_bytes = 1'000;
  EXPECT_THAT(message(run(spec)), StartsWith("exited with status 153 (128 + SIGXFSZ)"));
}

TEST_F(ProcessSandboxConcurrent, OpenFilesAndCoresAreLimited) {
  CommandSpec spec;
  spec.limits.open_files = 17;
  spec.limits.processes = 500;
  EXPECT_EQ(answer("import resource as r\n"
                   "answer = [r.getrlimit(w) for w in (r.RLIMIT_NOFILE, r.RLIMIT_CORE, r.RLIMIT_NPROC)]",
                   spec),
            "[(17, 17), (0, 0), (500, 500)]");
}

// ---- the sandbox

TEST_F(ProcessSandboxConcurrent, NoNewPrivilegesAndAFilterAreOn) {
  const std::string program =
      "status = dict(l.split(':\\t') for l in open('/proc/self/status').read().split('\\n') if ':\\t' in l)\n"
      "answer = status['NoNewPrivs'] + status['Seccomp']";
  EXPECT_EQ(answer(program), "12");
}

TEST_F(ProcessSandboxConcurrent, NeitherIsOnWithoutTheSandbox) {
  CommandSpec spec;
  spec.sandbox = false;
  EXPECT_EQ(answer("status = open('/proc/self/status').read()\n"
                   "answer = 'NoNewPrivs:\\t0' in status and 'Seccomp:\\t0' in status",
                   spec),
            "True");
}

// Python: what comes of socket() for each of some families.
std::string sockets_of(const std::string& families) {
  return "import socket, errno\n"
         "def made(family):\n"
         "  try: return bool(socket.socket(family))\n"
         "  except OSError as e: return errno.errorcode[e.errno]\n"
         "answer = [made(socket.AF_UNIX)] + [made(f) for f in (" +
         families + ",)]";
}

std::string system_call(long number, const std::string& arguments) {
  return "libc.syscall(ctypes.c_long(" + std::to_string(number) + "), " + arguments + ")";
}

TEST_F(ProcessSandboxConcurrent, TheNetworkIsRefused) {
  EXPECT_EQ(answer(sockets_of("socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET")),
            "[True, 'EACCES', 'EACCES', 'EACCES', 'EACCES']");
}

// The kernel reads 32 bits of the family, a filter sees 64.
TEST_F(ProcessSandboxConcurrent, TheNetworkIsRefusedBehindHighBits) {
  EXPECT_EQ(errno_of(system_call(SYS_socket, "ctypes.c_long((1 << 32) | 2), ctypes.c_long(1), 0")), "EACCES");
}

TEST_F(ProcessSandboxConcurrent, TheNetworkIsThereForWhoMayUseIt) {
  CommandSpec spec;
  spec.network = true;
  EXPECT_EQ(answer(sockets_of("socket.AF_INET"), spec), "[True, True]");
}

TEST_F(ProcessSandboxConcurrent, TracingIsRefusedByTheSandboxAlone) {
  const std::string trace_me = "libc.ptrace(0, 0, 0, 0)";
  EXPECT_EQ(errno_of(trace_me), "EPERM");
  executor_.reset();
  inbox_.clear();
  CommandSpec spec;
  spec.sandbox = false;
  EXPECT_EQ(errno_of(trace_me, spec), "worked");
}

TEST_F(ProcessSandboxConcurrent, WhatNoToolNeedsIsRefused) {
  const std::vector<std::string> calls = {
      system_call(SYS_process_vm_readv, "os.getppid(), 0, 0, 0, 0, 0"),
      system_call(SYS_mount, "b'none', b'/nowhere', b'tmpfs', 0, 0"),
      system_call(SYS_umount2, "b'/nowhere', 0"),
      system_call(SYS_pivot_root, "b'/nowhere', b'/nowhere'"),
      system_call(SYS_unshare, std::to_string(CLONE_NEWUSER)),
      system_call(SYS_clone, std::to_string(CLONE_NEWUSER | SIGCHLD) + ", 0, 0, 0, 0"),
      system_call(SYS_setns, "-1, 0"),
      system_call(SYS_setsid, "0"),
      system_call(SYS_setpgid, "0, 0"),
      system_call(SYS_reboot, "0, 0, 0, 0"),
      system_call(SYS_swapoff, "b'/nowhere'"),
      system_call(SYS_acct, "b'/nowhere'"),
      system_call(SYS_open_by_handle_at, "-1, 0, 0"),
      system_call(SYS_finit_module, "-1, 0, 0"),
      system_call(SYS_kexec_load, "0, 0, 0, 0"),
      system_call(SYS_clock_settime, "0, 0"),
      system_call(SYS_adjtimex, "0"),
      system_call(SYS_io_uring_setup, "1, 0"),
      system_call(SYS_bpf, "0, 0, 0"),
      system_call(SYS_perf_event_open, "0, 0, 0, -1, 0"),
      system_call(SYS_userfaultfd, "0"),
      system_call(SYS_keyctl, "0, 0"),
  };
  std::string program = "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\nanswer = []\n";
  std::string expected;
  for (const std::string& call : calls) {
    program += "answer.append('worked' if " + call + " >= 0 else errno.errorcode[ctypes.get_errno()])\n";
    expected += (expected.empty() ? "'EPERM'" : ", 'EPERM'");
  }
  EXPECT_EQ(answer(program), "[" + expected + "]");
}

TEST_F(ProcessSandboxConcurrent, ThreadsProcessesAndPipesWork) {
  EXPECT_EQ(answer("import subprocess, threading\nfound = []\n"
                   "one = threading.Thread(target=lambda: found.append('thread')); one.start(); one.join()\n"
                   "found.append(subprocess.run('echo a | tr a b', shell=True, capture_output=True).stdout)\n"
                   "answer = found"),
            "['thread', b'b\\n']");
}

// A kernel that knows no seccomp, as far as the monitor and its children can see. Filters and no_new_privs
// belong to a thread and to what it starts.
TEST_F(ProcessSandboxConcurrent, WithoutSeccompAnAttemptIsRefused) {
  auto bare = shell("exit 0");
  bare.sandbox = false;
  declare("sandboxed", shell("exit 0"));
  declare("bare", bare);
  std::jthread([&] {
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    const scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    const scmp_arg_cmp is_seccomp{.arg = 0, .op = SCMP_CMP_EQ, .datum_a = PR_SET_SECCOMP, .datum_b = 0};
    ASSERT_EQ(seccomp_rule_add_array(context, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1, &is_seccomp), 0);
    ASSERT_EQ(seccomp_load(context), 0);
    seccomp_release(context);
    executor();
  }).join();
  start(1, "sandboxed");
  start(2, "bare");
  const Finished refused = last(until_finished(1));
  ASSERT_FALSE(refused.outcome);
  EXPECT_EQ(refused.outcome.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(message(refused),
            "cannot run /bin/sh: seccomp: Invalid argument (a command runs without where its sandbox is switched off)");
  EXPECT_TRUE(last(until_finished(2)).outcome);
}

TEST(SeccompFilter, IsOneProgramEach) {
  const auto closed = make_seccomp_filter(false);
  const auto open = make_seccomp_filter(true);
  ASSERT_TRUE(closed);
  ASSERT_TRUE(open);
  EXPECT_GT(closed->size(), open->size());
  EXPECT_LE(closed->size(), std::size_t{BPF_MAXINSNS});
}

}  // namespace
}  // namespace yard::jobs
