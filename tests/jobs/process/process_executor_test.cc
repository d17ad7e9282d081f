#include "jobs/executors/process/process_executor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <sstream>
#include <string>

#include "engine/base/fd.h"
#include "engine/base/pack_json.h"
#include "jobs/executors/process/scratch_folder.h"
#include "jobs/report_queue.h"
#include "tests/jobs/process/process_fixture.h"

namespace yard::jobs {
namespace {

using testing::HasSubstr;

class ProcessExecutorConcurrent : public ProcessFixture {};

// Gone, or a zombie that only waits for its new parent.
bool is_gone(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  const std::size_t name_end = stat.rfind(')');
  return name_end == std::string::npos || stat.substr(name_end, 3) == ") Z";
}

std::vector<std::string> kinds(const Inbox::Reports& reports) {
  struct Name {
    std::string operator()(const Started&) const { return "started"; }
    std::string operator()(const Progressed& it) const { return "progress " + std::to_string(it.percent).substr(0, 4); }
    std::string operator()(const Chunked& it) const { return "chunk " + it.data; }
    std::string operator()(const ArtifactCreated&) const { return "artifact"; }
    std::string operator()(const Logged& it) const { return it.level + " " + it.message; }
    std::string operator()(const Finished&) const { return "finished"; }
  };
  std::vector<std::string> names;
  for (const Report& report : reports) names.push_back(std::visit(Name{}, report.what));
  return names;
}

// ---- the protocol

TEST_F(ProcessExecutorConcurrent, ArgumentsGoInAsJsonAndTheResultComesOutAsMsgpack) {
  Bytes arguments;
  PackWriter writer(arguments);
  {
    PackMap map(writer);
    map.string("text", "ünï\n").integer("count", -3).binary("bytes", BytesView("\0\xff", 2));
    map.array("list").integer(1).real(2.5);
  }
  const Finished end = run(python("print(json.dumps({'result': {'got': json.load(sys.stdin)}}))"), arguments);
  ASSERT_TRUE(end.outcome) << message(end);
  EXPECT_TRUE(check_pack(*end.outcome));
  const PackView got = PackView(*end.outcome).find("got");
  EXPECT_EQ(got.find("text").string(), "ünï\n");
  EXPECT_EQ(got.find("count").integer(), -3);
  EXPECT_EQ(got.find("bytes").string(), "AP8=");
  EXPECT_EQ(got.find("list").size(), 2u);
  EXPECT_GT(end.busy, Nanos::zero());
}

TEST_F(ProcessExecutorConcurrent, AShellReadsItsArgumentsAsOneLine) {
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).integer("n", 7);
  const auto spec = shell(R"sh(read -r line; printf '{"result":{"line":"%s"}}' "$(echo "$line" | tr '"' .)")sh");
  EXPECT_EQ(text(run(spec, arguments), "line"), "{.n.:7}");
}

TEST_F(ProcessExecutorConcurrent, WhatItSaysIsReportedInOrder) {
  declare("tool", shell(R"(
    echo '{"progress":{"percent":12.5,"message":"begun"}}'
    echo '{"chunk":"one"}'
    echo '{"log":{"level":"warn","message":"half way"}}'
    echo '{"chunk_base64":"dHdv"}'
    echo '{"progress":{"percent":250}}'
    echo '{"result":{"a":1}}'
    echo '{"result":{"a":2}}')"));
  start(1);
  const auto reports = until_finished(1);
  EXPECT_THAT(kinds(reports), testing::ElementsAre("started", "progress 12.5", "chunk one", "warn half way",
                                                   "chunk two", "progress 100.", "finished"));
  for (const Report& report : reports) EXPECT_EQ(report.fence, 1u);
  ASSERT_TRUE(last(reports).outcome);
  EXPECT_EQ(PackView(*last(reports).outcome).find("a").integer(), 2) << "the last one wins";
}

TEST_F(ProcessExecutorConcurrent, ExitZeroWithoutAResultIsAnEmptyOne) {
  const Finished end = run(shell("exit 0"));
  ASSERT_TRUE(end.outcome) << message(end);
  EXPECT_EQ(*end.outcome, "\x80");
}

TEST_F(ProcessExecutorConcurrent, ALastLineNeedsNoNewline) {
  EXPECT_EQ(text(run(shell(R"(printf '{"result":{"a":"b"}}')")), "a"), "b");
}

TEST_F(ProcessExecutorConcurrent, ANonsenseLineFailsTheJobAndIsQuoted) {
  const Finished end = run(shell(R"(echo '{"result":{}}'; printf 'hello \033[31mworld\n'; exec sleep 1000)"));
  ASSERT_FALSE(end.outcome);
  EXPECT_EQ(end.outcome.error().code, ErrorCode::kToolFailed);
  EXPECT_EQ(message(end), "stdout: no JSON: \"hello ?[31mworld\"");
}

TEST_F(ProcessExecutorConcurrent, ATooLongLineFailsTheJobBeforeItEnds) {
  auto spec = shell("tr '\\0' a </dev/zero");
  spec.line_bytes_max = 1'000;
  EXPECT_EQ(message(run(spec)), "stdout: a line of more than 1000 bytes: \"" + std::string(64, 'a') + "...\"");
}

TEST_F(ProcessExecutorConcurrent, AnErrorOfItsOwnIsTheOutcomeWhateverItsStatus) {
  declare("zero", shell(R"(echo '{"error":{"message":"no such note","code":"not_found"}}')"));
  declare("three", shell(R"(echo '{"error":{"message":"no such note"}}'; exit 3)"));
  start(1, "zero");
  start(2, "three");
  EXPECT_EQ(last(until_finished(1)).outcome.error(), (Error{.code = ErrorCode::kNotFound, .message = "no such note"}));
  EXPECT_EQ(last(until_finished(2)).outcome.error(),
            (Error{.code = ErrorCode::kToolFailed, .message = "no such note"}));
}

TEST_F(ProcessExecutorConcurrent, AnExitStatusComesWithTheEndOfStderr) {
  auto spec = shell(R"(echo dropped >&2; printf 'no such\033 note\nat all\n' >&2; exit 3)");
  spec.stderr_bytes_max = 21;
  const Finished end = run(spec);
  ASSERT_FALSE(end.outcome);
  EXPECT_EQ(end.outcome.error().code, ErrorCode::kToolFailed);
  EXPECT_EQ(message(end), "exited with status 3; stderr: no such? note | at all");
}

TEST_F(ProcessExecutorConcurrent, ASignalIsNamed) {
  EXPECT_EQ(message(run(shell("kill -SEGV $$"))), "killed by SIGSEGV");
}

TEST_F(ProcessExecutorConcurrent, AKillFromElsewhereSaysThatItWasNotUs) {
  EXPECT_EQ(message(run(shell("kill -KILL $$"))),
            "killed by SIGKILL: not by the broker; the machine may be out of memory");
}

TEST_F(ProcessExecutorConcurrent, AMissingProgramIsNamed) {
  declare("path", command({"/no/such"}));
  declare("name", command({"no-such-program"}));
  declare("text", command({"/etc/passwd"}));
  auto lost = shell("exit 0");
  lost.working_folder = "/no/folder";
  declare("folder", lost);
  declare("nothing", command({}));
  const std::map<std::string, std::string> expected = {
      {"path", "cannot run /no/such: No such file or directory"},
      {"name", "cannot run no-such-program: No such file or directory"},
      {"text", "cannot run /etc/passwd: Permission denied"},
      {"folder", "cannot run /bin/sh: its working folder: No such file or directory"},
      {"nothing", "the tool nothing has no command"},
  };
  std::uint8_t number = 0;
  for (const auto& [tool, text] : expected) {
    start(++number, tool);
    const auto reports = until_finished(number);
    EXPECT_THAT(kinds(reports), testing::ElementsAre("started", "finished"));
    ASSERT_FALSE(last(reports).outcome) << tool;
    EXPECT_EQ(last(reports).outcome.error(), (Error{.code = ErrorCode::kToolFailed, .message = text}));
  }
}

TEST_F(ProcessExecutorConcurrent, AToolWithoutACommandIsUnknown) {
  start(1, "never-declared");
  const auto reports = until_finished(1);
  EXPECT_THAT(kinds(reports), testing::ElementsAre("finished"));
  EXPECT_EQ(last(reports).outcome.error().code, ErrorCode::kUnknownTool);
}

TEST_F(ProcessExecutorConcurrent, ArgumentsThatNobodyReadsAreNoFault) {
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).string("text", std::string(1u << 20, 'x'));
  EXPECT_TRUE(run(shell("exit 0"), arguments).outcome);
}

TEST_F(ProcessExecutorConcurrent, ArgumentsLargerThanAPipeArriveWhole) {
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).string("text", std::string(1u << 20, 'x'));
  const Finished end =
      run(python("print(json.dumps({'result': {'n': len(json.load(sys.stdin)['text'])}}))"), arguments);
  ASSERT_TRUE(end.outcome) << message(end);
  EXPECT_EQ(PackView(*end.outcome).find("n").integer(), 1 << 20);
}

TEST_F(ProcessExecutorConcurrent, ALargeChunkGoesOutInParts) {
  declare("tool", python("print(json.dumps({'chunk': 'a' * 600_000}))"));
  start(1);
  std::vector<std::size_t> sizes;
  for (const Report& report : until_finished(1)) {
    if (const auto* chunk = std::get_if<Chunked>(&report.what)) sizes.push_back(chunk->data.size());
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{262'144, 262'144, 75'712}));
}

TEST_F(ProcessExecutorConcurrent, ProgressIsConflatedAndTheLastOneGetsThrough) {
  declare("tool", python("for i in range(5000): print(json.dumps({'progress': {'percent': i / 50}}))\n"
                         "print(json.dumps({'progress': {'percent': 99, 'message': 'last'}}))"));
  start(1);
  const auto reports = until_finished(1);
  EXPECT_LT(reports.size(), 200u);
  ASSERT_GE(reports.size(), 3u);
  const auto* progress = std::get_if<Progressed>(&reports[reports.size() - 2].what);
  ASSERT_NE(progress, nullptr);
  EXPECT_EQ(progress->message, "last");
}

// A report that waits for its interval comes by itself: nothing else happens in this child.
TEST_F(ProcessExecutorConcurrent, HeldProgressIsSentWhileTheChildIsSilent) {
  declare("tool", shell(R"(echo '{"progress":{"percent":1}}'; echo '{"progress":{"percent":2}}'; exec sleep 1000)"));
  start(1);
  const auto reports = inbox_.until([](const Inbox::Reports& seen) { return seen.size() == 3; });
  EXPECT_THAT(kinds(reports), testing::ElementsAre("started", "progress 1.00", "progress 2.00"));
}

// ---- stopping

constexpr std::string_view kReady = R"(echo '{"log":{"level":"info","message":"'$$'"}}';)";

TEST_F(ProcessExecutorConcurrent, StopIsSigtermForAChildThatHeeds) {
  auto spec = shell("trap 'exit 0' TERM; " + std::string(kReady) + " sleep 1000 & wait");
  spec.term_grace = std::chrono::minutes(10);
  declare("tool", spec);
  start(1);
  const std::string pid = until_logged(1);
  executor().stop(job_id(9));  // unknown: nothing
  executor().stop(job_id(1));
  executor().stop(job_id(1));
  const Finished end = last(until_finished(1));
  ASSERT_FALSE(end.outcome);
  EXPECT_EQ(end.outcome.error(), (Error{.code = ErrorCode::kCancelled, .message = "stopped by SIGTERM"}));
  EXPECT_EQ(end.stopped, StopMeans::kTerminated);
  EXPECT_TRUE(is_gone(pid));
}

TEST_F(ProcessExecutorConcurrent, StopIsSigkillForAChildThatDoesNot) {
  auto spec = python(
      "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
      "print(json.dumps({'log': {'level': 'info', 'message': str(os.getpid())}}), flush=True)\n"
      "while True: signal.pause()");
  spec.term_grace = Millis(100);
  declare("tool", spec);
  start(1);
  const std::string pid = until_logged(1);
  const auto asked = std::chrono::steady_clock::now();
  executor().stop(job_id(1));
  const Finished end = last(until_finished(1));
  EXPECT_GE(std::chrono::steady_clock::now() - asked, Millis(100));
  EXPECT_TRUE(is_gone(pid)) << "Finished comes after the exit";
  ASSERT_FALSE(end.outcome);
  EXPECT_EQ(end.outcome.error(), (Error{.code = ErrorCode::kCancelled, .message = "stopped by SIGKILL after 100 ms"}));
  EXPECT_EQ(end.stopped, StopMeans::kKilled);
}

TEST_F(ProcessExecutorConcurrent, AStoppedChildMayStillSucceed) {
  declare("tool", shell("trap 'echo \"{\\\"result\\\":{\\\"a\\\":\\\"b\\\"}}\"; exit 0' TERM; " + std::string(kReady) +
                        " sleep 1000 & wait"));
  start(1);
  until_logged(1);
  executor().stop(job_id(1));
  EXPECT_EQ(text(last(until_finished(1)), "a"), "b");
}

TEST_F(ProcessExecutorConcurrent, WhatIsStoppedWhileItWaitsNeverRuns) {
  slots_ = 1;
  declare("tool", shell(std::string(kReady) + " exec sleep 1000"));
  start(1);
  start(2);
  until_logged(1);
  executor().stop(job_id(2));
  const auto reports = until_finished(2);
  EXPECT_THAT(kinds(reports), testing::ElementsAre("finished"));
  EXPECT_EQ(last(reports).outcome.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(last(reports).busy, Nanos::zero());
}

TEST_F(ProcessExecutorConcurrent, GrandchildrenAreStoppedWithTheGroup) {
  auto spec = shell(R"(trap '' TERM; (trap '' TERM; echo '{"log":{"level":"info","message":"'$(sh -c 'echo $PPID')'"}}'
                        while :; do sleep 1000; done) & wait)");
  spec.term_grace = Millis(50);
  declare("tool", spec);
  start(1);
  const std::string grandchild = until_logged(1);
  EXPECT_FALSE(is_gone(grandchild));
  executor().stop(job_id(1));
  EXPECT_EQ(message(last(until_finished(1))), "stopped by SIGKILL after 50 ms");
  EXPECT_TRUE(is_gone(grandchild));
}

// It holds stdout open, too: an end that waited for the pipe's end would never come.
TEST_F(ProcessExecutorConcurrent, GrandchildrenThatAreLeftBehindAreKilled) {
  declare("tool", shell(R"(sleep 1000 & echo '{"result":{"pid":"'$!'"}}')"));
  start(1);
  const std::string grandchild = text(last(until_finished(1)), "pid");
  EXPECT_THAT(grandchild, testing::MatchesRegex("[0-9]+"));
  EXPECT_TRUE(is_gone(grandchild));
}

TEST_F(ProcessExecutorConcurrent, DestructionLeavesNothingBehind) {
  declare("tool",
          shell(R"(trap '' TERM; sleep 1000 & echo '{"log":{"level":"info","message":"'$$ $! $PWD'"}}'; wait)"));
  for (std::uint8_t number = 1; number <= 10; ++number) start(number);
  std::vector<std::string> said;
  for (std::uint8_t number = 1; number <= 4; ++number) said.push_back(until_logged(number));
  executor_.reset();
  for (const std::string& line : said) {
    std::istringstream words(line);
    std::string leader, grandchild, folder;
    words >> leader >> grandchild >> folder;
    EXPECT_TRUE(is_gone(leader)) << line;
    EXPECT_TRUE(is_gone(grandchild)) << line;
    EXPECT_THAT(folder, HasSubstr("/switchyard-job-"));
    EXPECT_FALSE(std::filesystem::exists(folder)) << line;
  }
  EXPECT_EQ(inbox_.until([](const Inbox::Reports&) { return true; }).size(), 8u) << "Started and a line of each";
}

// The fifo ends when the last process that has it open is gone. Named for Linux's PR_SET_PDEATHSIG.
TEST_F(ProcessExecutorConcurrent, AChildDiesWithTheBroker) {
  auto folder = ScratchFolder::make();
  ASSERT_TRUE(folder);
  const std::string fifo = folder->path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const pid_t broker = ::fork();
  ASSERT_GE(broker, 0);
  if (broker == 0) {
    ::setenv("TMPDIR", folder->path().c_str(), 1);  // which is left behind, and then goes with the fifo
    declare("tool", shell("exec 3>" + fifo + "; echo here >&3; exec sleep 1000"));
    start(1);
    for (;;) ::pause();
  }
  const Fd reader(::open(fifo.c_str(), O_RDONLY | O_CLOEXEC));
  char line[5];
  ASSERT_EQ(::read(reader.get(), line, sizeof line), 5);
  ::kill(broker, SIGKILL);
  ASSERT_EQ(::waitpid(broker, nullptr, 0), broker);
  pollfd ended{.fd = reader.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&ended, 1, 60'000), 1);
  EXPECT_EQ(::read(reader.get(), line, sizeof line), 0);
}

// ---- many

TEST_F(ProcessExecutorConcurrent, FiftyAttemptsOverFourSlotsFinishExactlyOnce) {
  declare("tool", shell(R"(echo '{"chunk":"a"}'; echo '{"chunk":"b"}'; echo '{"result":{}}')"));
  EXPECT_EQ(executor().slots(), 4u);
  constexpr std::uint8_t kAttempts = 50;
  for (std::uint8_t number = 1; number <= kAttempts; ++number) start(number);
  const auto reports = inbox_.until([](const Inbox::Reports& seen) { return count_finished(seen) == kAttempts; });
  EXPECT_EQ(reports.size(), kAttempts * 4u);
  int running = 0;
  std::map<std::string, std::vector<std::string>> of_job;
  for (const Report& report : reports) {
    if (std::holds_alternative<Started>(report.what)) ++running;
    if (is_finished(report)) --running;
    EXPECT_LE(running, 4);
    of_job[to_hex(report.id.value())].push_back(kinds({report})[0]);
  }
  EXPECT_EQ(of_job.size(), kAttempts);
  for (const auto& [id, said] : of_job) {
    EXPECT_THAT(said, testing::ElementsAre("started", "chunk a", "chunk b", "finished"));
  }
}

TEST_F(ProcessExecutorConcurrent, AFullSinkHoldsUpOnlyTheChildItRefuses) {
  constexpr int kChunks = 20'000;
  declare("chatty", python("for i in range(" + std::to_string(kChunks) + "): print(json.dumps({'chunk': str(i)}))"));
  declare("quick", shell(R"(echo '{"chunk":"a"}')"));
  inbox_.refuse(
      [](const Report& report) { return report.id == job_id(1) && std::holds_alternative<Chunked>(report.what); });
  start(1, "chatty");
  inbox_.until_refused(3);
  for (std::uint8_t number = 2; number <= 21; ++number) start(number, "quick");
  const auto others = inbox_.until([](const Inbox::Reports& seen) { return count_finished(seen) == 20; });
  EXPECT_EQ(others.size(), 20u * 3 + 1);
  inbox_.refuse({});
  int next = 0;
  for (const Report& report : until_finished(1)) {
    const auto* chunk = std::get_if<Chunked>(&report.what);
    if (chunk != nullptr) ASSERT_EQ(chunk->data, std::to_string(next++));
  }
  EXPECT_EQ(next, kChunks);
}

// More than one read() takes, in a pipe that is large enough to let the child go.
TEST_F(ProcessExecutorConcurrent, WhatItSaidIsReadAfterItsEnd) {
  const auto folder = ScratchFolder::make();
  ASSERT_TRUE(folder);
  const std::string fifo = folder->path() + "/fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  declare("tool", python("import fcntl\n"
                         "fcntl.fcntl(1, 1031, 1 << 20)  # F_SETPIPE_SZ\n"
                         "fifo = open('" +
                         fifo +
                         "', 'w')\n"
                         "for i in range(20_000): print(json.dumps({'chunk': str(i)}))"));
  inbox_.refuse([](const Report& report) { return std::holds_alternative<Chunked>(report.what); });
  start(1);
  const Fd reader(::open(fifo.c_str(), O_RDONLY | O_CLOEXEC));
  char nothing = 0;
  ASSERT_EQ(::read(reader.get(), &nothing, 1), 0) << "the child is gone";
  inbox_.refuse({});
  EXPECT_EQ(until_finished(1).size(), 20'002u);
}

// A pipe that can be read, or that has ended, must not keep the monitor busy meanwhile.
TEST_F(ProcessExecutorConcurrent, AFullSinkIsTriedAgainEveryFewMilliseconds) {
  declare("endless", shell("exec yes '{\"chunk\":\"a\"}'"));
  declare("ended", shell(R"(echo '{"chunk":"a"}'; exec >&-; exec sleep 1000)"));
  inbox_.refuse([](const Report& report) { return std::holds_alternative<Chunked>(report.what); });
  start(1, "endless");
  start(2, "ended");
  inbox_.until_refused(100);
  const auto began = std::chrono::steady_clock::now();
  inbox_.until_refused(200);
  EXPECT_GE(std::chrono::steady_clock::now() - began, Millis(100)) << "two attempts, 50 tries each, 5 ms apart";
}

TEST_F(ProcessExecutorConcurrent, AFullSinkHoldsNoStopUp) {
  declare("tool", shell("exec yes '{\"chunk\":\"a\"}'"));
  inbox_.refuse([](const Report& report) { return std::holds_alternative<Chunked>(report.what); });
  start(1);
  inbox_.until_refused(3);
  executor().stop(job_id(1));
  inbox_.until_refused(20);
  inbox_.refuse({});
  EXPECT_EQ(message(last(until_finished(1))), "stopped by SIGTERM");
}

TEST_F(ProcessExecutorConcurrent, ReportsPassThroughTheCoresQueue) {
  std::binary_semaphore woken(0);
  ReportQueue queue(2, [&] { woken.release(); });
  declare("tool", shell("seq 100 | sed 's/.*/{\"chunk\":\"&\"}/'"));
  const auto find = [this](std::string_view) { return &commands_.at("tool"); };
  ProcessExecutor other(1, find, queue, clock_);
  std::vector<Work> work(1);
  work[0].id = job_id(1);
  other.start(work);
  std::vector<Report> all, fresh;
  while (all.empty() || !is_finished(all.back())) {
    if (queue.prepare_to_wait()) woken.acquire();
    queue.drain(fresh);
    for (Report& report : fresh) all.push_back(std::move(report));
  }
  EXPECT_EQ(all.size(), 102u);
}

// ---- folders

TEST_F(ProcessExecutorConcurrent, TheWorkingFolderIsFreshAndGoesAway) {
  const Finished end =
      run(python("info = {'cwd': os.getcwd(), 'home': os.environ['HOME'], 'files': str(os.listdir('.')), 'mode': "
                 "oct(os.stat('.').st_mode)}\n"
                 "os.makedirs('a/b'); open('a/b/file', 'w').close(); os.symlink('/etc', 'a/link'); os.chmod('a', 0)\n"
                 "print(json.dumps({'result': info}))"));
  EXPECT_THAT(text(end, "cwd"), HasSubstr("/switchyard-job-"));
  EXPECT_EQ(text(end, "home"), text(end, "cwd"));
  EXPECT_EQ(text(end, "files"), "[]");
  EXPECT_EQ(text(end, "mode"), "0o40700");
  EXPECT_FALSE(std::filesystem::exists(text(end, "cwd")));
  EXPECT_TRUE(std::filesystem::exists("/etc/passwd"));
}

TEST_F(ProcessExecutorConcurrent, AGivenWorkingFolderStays) {
  const auto folder = ScratchFolder::make();
  ASSERT_TRUE(folder);
  auto spec = shell(R"(touch mark; echo '{"result":{"cwd":"'$PWD'"}}')");
  spec.working_folder = folder->path();
  EXPECT_EQ(text(run(spec), "cwd"), folder->path());
  EXPECT_TRUE(std::filesystem::exists(folder->path() + "/mark"));
}

}  // namespace
}  // namespace yard::jobs
