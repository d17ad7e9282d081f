#include "jobs/executors/process/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

namespace yard::jobs {
namespace {

#if defined(__has_feature)
#define YARD_HAS_FEATURE(x) __has_feature(x)
#else
#define YARD_HAS_FEATURE(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || YARD_HAS_FEATURE(address_sanitizer) || \
    YARD_HAS_FEATURE(thread_sanitizer)
// A sanitizer's run time does not stand two processes in one memory: there the child gets a copy.
constexpr int kSharing = 0;
#else
constexpr int kSharing = CLONE_VM | CLONE_VFORK;
#endif

constexpr std::size_t kStackBytes = 64u << 10;  // child_main needs a few hundred

// How far the child came.
enum class Step : int { kSession, kFiles, kFolder, kLimits, kSandbox, kProgram };
constexpr std::array<std::string_view, 6> kStepNames = {"setsid",    "its files", "its working folder",
                                                        "setrlimit", "seccomp",   ""};

struct Failure {
  Step step;
  int error;
};

struct Limit {
  int resource;
  rlimit value;
};

// What the child reads: plain pointers into what the parent keeps alive until exec.
struct Plan {
  const char* program;
  char* const* argv;
  char* const* environment;
  const char* folder;
  std::span<const Limit> limits;
  const sock_fprog* filter;
  int in;
  int out;
  int err;
  int failure;
  pid_t parent;
};

// ---- the child: async-signal-safe calls only, no allocation, no locks

[[noreturn]] void give_up(const Plan& plan, Step step) {
  const Failure failure{.step = step, .error = errno};
  [[maybe_unused]] const auto told = ::write(plan.failure, &failure, sizeof failure);
  ::_exit(127);
}

void reset_signals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;  // NOLINT: a union's member, by POSIX
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &action, nullptr);
}

void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

int child_main(void* argument) {
  const Plan& plan = *static_cast<const Plan*>(argument);
  reset_signals();
  if (::setsid() < 0) give_up(plan, Step::kSession);
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(plan, Step::kSession);
  if (::getppid() != plan.parent) ::_exit(127);  // it died before it could be watched
  if (::dup2(plan.in, 0) < 0 || ::dup2(plan.out, 1) < 0 || ::dup2(plan.err, 2) < 0 ||
      ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) {
    give_up(plan, Step::kFiles);
  }
  if (::chdir(plan.folder) != 0) give_up(plan, Step::kFolder);
  for (const Limit& limit : plan.limits) {
    if (::setrlimit(static_cast<__rlimit_resource>(limit.resource), &limit.value) != 0) give_up(plan, Step::kLimits);
  }
  unblock_signals();
  if (plan.filter != nullptr) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, plan.filter) != 0) {
      give_up(plan, Step::kSandbox);
    }
  }
  ::execve(plan.program, plan.argv, plan.environment);
  give_up(plan, Step::kProgram);
}

// ---- the parent

struct Pipe {
  Fd read;
  Fd write;
};

// Above 2, so that the child's dup2 steps on none of them.
Result<Fd> above_stdio(Fd fd) {
  if (fd.get() > 2) return fd;
  Fd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!moved) return fail(ErrorCode::kUnavailable, "a pipe: " + std::generic_category().message(errno));
  return moved;
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::kUnavailable, "a pipe: " + std::generic_category().message(errno));
  }
  Fd first(ends[0]);
  Fd second(ends[1]);
  YARD_TRY(Fd read, above_stdio(std::move(first)));
  YARD_TRY(Fd write, above_stdio(std::move(second)));
  return Pipe{.read = std::move(read), .write = std::move(write)};
}

// Ours alone: the other end has flags of its own.
void make_non_blocking(const Fd& fd) { ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

// No more than the broker's own hard limit, which only root may raise.
Limit limit_of(int resource, std::uint64_t soft, std::uint64_t hard) {
  rlimit own{};
  ::getrlimit(static_cast<__rlimit_resource>(resource), &own);
  const auto most = [&](std::uint64_t wanted) { return std::min<rlim_t>(wanted, own.rlim_max); };
  return {.resource = resource, .value = {.rlim_cur = most(soft), .rlim_max = most(hard)}};
}

std::vector<Limit> limits_of(const CommandLimits& limits) {
  std::vector<Limit> all{{.resource = RLIMIT_CORE, .value = {.rlim_cur = 0, .rlim_max = 0}}};
  const auto add = [&](int resource, std::uint64_t soft, std::uint64_t grace = 0) {
    if (soft > 0) all.push_back(limit_of(resource, soft, soft + grace));
  };
  add(RLIMIT_AS, limits.memory_bytes);
  add(RLIMIT_CPU, limits.cpu_seconds, 1);  // between SIGXCPU and SIGKILL
  add(RLIMIT_FSIZE, limits.file_bytes);
  add(RLIMIT_NOFILE, limits.open_files);
  add(RLIMIT_NPROC, limits.processes);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

ErrorCode code_of(Failure failure) {
  switch (failure.error) {
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE: return ErrorCode::kUnavailable;
    default: return failure.step == Step::kSandbox ? ErrorCode::kUnsupported : ErrorCode::kToolFailed;
  }
}

std::unexpected<Error> cannot_run(const std::string& program, Failure failure) {
  std::string message = "cannot run " + program + ": ";
  const std::string_view step = kStepNames.at(static_cast<std::size_t>(failure.step));
  if (!step.empty()) message += std::string(step) + ": ";
  message += std::generic_category().message(failure.error);
  if (failure.step == Step::kSandbox) message += " (a command runs without where its sandbox is switched off)";
  return fail(code_of(failure), std::move(message));
}

// Nothing, once the new program runs: exec closed the pipe.
std::optional<Failure> read_failure(const Fd& pipe) {
  Failure failure{};
  ssize_t size = 0;
  do size = ::read(pipe.get(), &failure, sizeof failure);
  while (size < 0 && errno == EINTR);
  if (size != sizeof failure) return std::nullopt;
  return failure;
}

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<Child> spawn(const Launch& launch) {
  YARD_TRY(Pipe in, make_pipe());
  YARD_TRY(Pipe out, make_pipe());
  YARD_TRY(Pipe err, make_pipe());
  YARD_TRY(Pipe failed, make_pipe());
  make_non_blocking(in.write);
  make_non_blocking(out.read);
  make_non_blocking(err.read);

  auto arguments = launch.argv;
  auto environment = launch.environment;
  const auto argv = pointers_to(arguments);
  const auto envp = pointers_to(environment);
  const auto limits = limits_of(launch.limits);
  sock_fprog filter{};
  if (launch.filter != nullptr) {
    filter.len = static_cast<unsigned short>(launch.filter->size());
    filter.filter = const_cast<sock_filter*>(launch.filter->data());  // the kernel only reads it
  }
  Plan plan{.program = launch.program.c_str(),
            .argv = argv.data(),
            .environment = envp.data(),
            .folder = launch.folder.c_str(),
            .limits = limits,
            .filter = launch.filter != nullptr ? &filter : nullptr,
            .in = in.read.get(),
            .out = out.write.get(),
            .err = err.write.get(),
            .failure = failed.write.get(),
            .parent = ::getpid()};

  const auto stack = std::make_unique<std::byte[]>(kStackBytes);
  int pidfd = -1;
  const pid_t pid = ::clone(child_main, stack.get() + kStackBytes, kSharing | CLONE_PIDFD | SIGCHLD, &plan, &pidfd);
  if (pid < 0) return cannot_run(launch.program, {.step = Step::kProgram, .error = errno});
  Child child{.pid = pid, .pidfd = Fd(pidfd)};
  failed.write.reset();
  if (const auto failure = read_failure(failed.read)) {
    reap(pid);
    return cannot_run(launch.program, *failure);
  }
  child.in = std::move(in.write);
  child.out = std::move(out.read);
  child.err = std::move(err.read);
  return child;
}

Result<std::string> find_program(const std::string& name, const std::vector<std::string>& environment) {
  if (name.find('/') != std::string::npos) return name;
  constexpr std::string_view kPath = "PATH=";
  const auto path = std::ranges::find_if(environment, [&](const auto& entry) { return entry.starts_with(kPath); });
  std::string_view rest;
  if (path != environment.end()) rest = std::string_view(*path).substr(kPath.size());
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    std::string candidate = std::string(rest.substr(0, colon)) + "/" + name;
    struct stat about{};
    const bool is_file = ::stat(candidate.c_str(), &about) == 0 && S_ISREG(about.st_mode);
    if (is_file && ::access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return cannot_run(name, {.step = Step::kProgram, .error = ENOENT});
}

}  // namespace yard::jobs
