// Worlds without a broker: the test is its loop.
#include "tools/graph/worlds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "tests/support/temp_dir.h"

namespace yard::tools {
namespace {

using nlohmann::json;

constexpr const char* kAdder = R"({"nodes": [
  {"id": "a", "type": "Value", "outputs": [{"id": "out", "type": "double"}], "parameters": {"value": 1}},
  {"id": "sum", "type": "Add", "outputs": [{"id": "out", "type": "double"}], "parameters": {"b": 2}},
  {"id": "show", "type": "Emit", "inputs": [{"id": "x", "type": "double"}]}],
  "connections": [{"fromNode": "a", "fromPort": "out", "toNode": "sum", "toPort": "a"},
                  {"fromNode": "sum", "fromPort": "out", "toNode": "show", "toPort": "x"}]})";
constexpr const char* kCaller = R"({"nodes": [
  {"id": "arguments", "type": "Value", "outputs": [{"id": "out", "type": "json"}]},
  {"id": "call", "type": "Call", "parameters": {"tool": "render"}}],
  "connections": [{"fromNode": "arguments", "fromPort": "out", "toNode": "call", "toPort": "arguments"}]})";
constexpr const char* kForEver = R"({"nodes": [
  {"id": "tick", "type": "Timer", "outputs": [{"id": "out", "type": "double"}], "parameters": {"interval_ms": 1}},
  {"id": "count", "type": "Counter", "inputs": [{"id": "in1", "type": "int64"}], "outputs": [{"id": "out", "type": "int64"}]},
  {"id": "show", "type": "Emit", "inputs": [{"id": "x", "type": "int64"}]}],
  "connections": [{"fromNode": "tick", "fromPort": "out", "toNode": "count", "toPort": "in1"},
                  {"fromNode": "count", "fromPort": "out", "toNode": "show", "toPort": "x"}]})";

// What comes back from the worlds' threads.
class Reports final : public jobs::ReportSink {
 public:
  void push(jobs::Report&& report) override YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      if (auto* finished = std::get_if<jobs::Finished>(&report.what))
        finished_.emplace(report.id, std::move(finished->outcome));
      if (auto* chunk = std::get_if<jobs::Chunked>(&report.what)) chunks_[report.id] += chunk->data;
    }
    changed_.notify_all();
  }
  bool try_push(jobs::Report&& report) override { return push(std::move(report)), true; }

  Result<Bytes> outcome(JobId id) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (!finished_.contains(id)) changed_.wait(mutex_);
    return finished_.at(id);
  }
  bool has(JobId id) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return finished_.contains(id);
  }
  // Until the job's stream has it.
  void await_chunk(JobId id, std::string_view text) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (chunks_[id].find(text) == std::string::npos) changed_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::map<JobId, Result<Bytes>> finished_ YARD_GUARDED_BY(mutex_);
  std::map<JobId, Bytes> chunks_ YARD_GUARDED_BY(mutex_);
};

// Calls that the worlds make.
class Calls {
 public:
  void push(HostCall&& call) YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      calls_.push_back(std::move(call));
    }
    changed_.notify_all();
  }
  HostCall next() YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (calls_.empty()) changed_.wait(mutex_);
    HostCall call = std::move(calls_.front());
    calls_.erase(calls_.begin());
    return call;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<HostCall> calls_ YARD_GUARDED_BY(mutex_);
};

class WorldsConcurrent : public ::testing::Test {
 protected:
  void SetUp() override { begin(); }
  void TearDown() override { worlds_->close(); }

  void begin() {
    worlds_ =
        std::make_unique<Worlds>(WorldsOptions{.folder = dir_.path() / "worlds", .read_content = {}}, clock_, random_);
    worlds_->open(reports_, [this](HostCall&& call) { calls_.push(std::move(call)); });
  }
  void restart() {
    worlds_->close();
    begin();
  }
  JobId post(const std::string& tool, const json& arguments) {
    std::vector<jobs::Work> work(1);
    work[0] = {
        .id = JobId(make_uuid(random_)), .fence = 1, .tool = tool, .principal = "local", .arguments = pack(arguments)};
    const JobId id = work[0].id;
    worlds_->start(work);
    return id;
  }
  json outcome(JobId id) {
    const auto outcome = reports_.outcome(id);
    if (!outcome) return {{"error", error_name(outcome.error().code)}, {"message", outcome.error().message}};
    return to_json(PackView(*outcome));
  }
  json call(const std::string& tool, const json& arguments) { return outcome(post(tool, arguments)); }
  HostAnswer answer_to(const HostCall& asked, const json& result) { return {.id = asked.id, .outcome = pack(result)}; }

  testing::TempDir dir_;
  const SystemClock clock_;
  SystemRandom random_;
  Reports reports_;
  Calls calls_;
  std::unique_ptr<Worlds> worlds_;
};

TEST_F(WorldsConcurrent, DoTheirJobsInOrder) {
  call("graph_load", {{"world", "w"}, {"graph", kAdder}});
  std::vector<JobId> jobs;
  for (int i = 0; i < 200; ++i)
    jobs.push_back(post("graph_set", {{"world", "w"}, {"node", "a"}, {"value", i}, {"outputs", {"sum"}}}));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(outcome(jobs[static_cast<std::size_t>(i)])["values"]["sum:out"], i + 2);
}

TEST_F(WorldsConcurrent, AreAsTheyWereAfterARestart) {
  call("graph_load", {{"world", "w"}, {"graph", kAdder}});
  call("graph_set", {{"world", "w"}, {"node", "a"}, {"value", 5}});
  const json before = call("graph_snapshot", {{"world", "w"}});
  restart();
  EXPECT_EQ(call("graph_snapshot", {{"world", "w"}}), before);
}

TEST_F(WorldsConcurrent, ReceiptsBecomeValues) {
  call("graph_load", {{"world", "w"}, {"graph", kCaller}});
  const JobId set = post("graph_set", {{"world", "w"},
                                       {"node", "arguments"},
                                       {"value", {{"x", 1}}},
                                       {"until_answered", true},
                                       {"outputs", {"call:result", "call:asked"}}});
  const HostCall asked = calls_.next();
  EXPECT_EQ(asked.tool, "render");
  EXPECT_EQ(asked.principal, "local");
  EXPECT_FALSE(asked.again);
  EXPECT_EQ(to_json(PackView(asked.arguments)), (json{{"x", 1}}));
  EXPECT_FALSE(reports_.has(set));
  worlds_->answer(answer_to(asked, {{"done", true}}));
  const json values = outcome(set)["values"];
  EXPECT_EQ(values["call:result"], (json{{"done", true}}));
  EXPECT_EQ(values["call:asked"], (json{{"x", 1}}));
}

TEST_F(WorldsConcurrent, ACallThatWasOpenIsMadeAgainWithTheSameId) {
  call("graph_load", {{"world", "w"}, {"graph", kCaller}});
  call("graph_set", {{"world", "w"}, {"node", "arguments"}, {"value", {{"x", 1}}}});
  const HostCall first = calls_.next();
  restart();
  const HostCall second = calls_.next();
  EXPECT_EQ(second.id, first.id);
  EXPECT_TRUE(second.again);
  worlds_->answer(answer_to(second, 7));
  const json done = call("graph_step", {{"world", "w"}, {"until_answered", true}, {"outputs", {"call:answered"}}});
  EXPECT_EQ(done["values"]["call:answered"], 1);
}

TEST_F(WorldsConcurrent, AnAnsweredCallIsNotMadeAgain) {
  call("graph_load", {{"world", "w"}, {"graph", kCaller}});
  call("graph_set", {{"world", "w"}, {"node", "arguments"}, {"value", {{"x", 1}}}});
  worlds_->answer(answer_to(calls_.next(), 7));
  call("graph_step", {{"world", "w"}, {"until_answered", true}});
  restart();
  EXPECT_EQ(call("graph_step", {{"world", "w"}})["open_calls"], 0);
}

TEST_F(WorldsConcurrent, EqualGraphsMakeOtherCalls) {
  call("graph_load", {{"world", "one"}, {"graph", kCaller}});
  call("graph_load", {{"world", "two"}, {"graph", kCaller}});
  for (const char* world : {"one", "two"})
    call("graph_set", {{"world", world}, {"node", "arguments"}, {"value", {{"x", 1}}}});
  EXPECT_NE(calls_.next().id, calls_.next().id);
}

TEST_F(WorldsConcurrent, ARefusedCallIsMadeLater) {
  call("graph_load", {{"world", "w"}, {"graph", kCaller}});
  call("graph_set", {{"world", "w"}, {"node", "arguments"}, {"value", {{"x", 1}}}});
  const HostCall first = calls_.next();
  worlds_->answer({.id = first.id, .outcome = fail(ErrorCode::kNoWorker, "nobody"), .refused = true});
  const HostCall second = calls_.next();
  EXPECT_EQ(second.id, first.id);
  worlds_->answer({.id = second.id, .outcome = fail(ErrorCode::kUnknownTool, "no such tool"), .refused = true});
  const json done = call("graph_step", {{"world", "w"}, {"until_answered", true}, {"outputs", {"call:result"}}});
  EXPECT_EQ(done["values"]["call:result"]["fault"], "call_failed");
}

TEST_F(WorldsConcurrent, AWorldThatRunsForEverCanBeStoppedAndUnloaded) {
  call("graph_load", {{"world", "w"}, {"graph", kForEver}, {"synced", false}});
  const JobId stream = post("graph_subscribe", {{"world", "w"}});
  const JobId step = post("graph_step", {{"world", "w"}, {"advance_ms", 1e12}});
  reports_.await_chunk(stream, "\"effect\"");
  const JobId waits = post("graph_step", {{"world", "w"}});
  worlds_->stop(step);
  EXPECT_EQ(outcome(step)["error"], "cancelled");
  worlds_->stop(waits);
  EXPECT_EQ(outcome(waits)["error"], "cancelled");
  EXPECT_EQ(call("graph_unload", {{"world", "w"}, {"delete", true}})["deleted"], true);
  EXPECT_TRUE(worlds_->list("local").empty());
}

TEST_F(WorldsConcurrent, AWorldThatRunsForEverDoesNotHoldUpTheEnd) {
  call("graph_load", {{"world", "w"}, {"graph", kForEver}, {"synced", false}});
  post("graph_step", {{"world", "w"}, {"advance_ms", 1e12}});
  restart();  // and again while its journal is replayed
  worlds_->close();
}

TEST_F(WorldsConcurrent, SubscribersEndWhenTheBrokerStops) {
  call("graph_load", {{"world", "w"}, {"graph", kAdder}});
  const JobId stream = post("graph_subscribe", {{"world", "w"}});
  reports_.await_chunk(stream, "\"snapshot\"");
  worlds_->drain();
  EXPECT_EQ(outcome(stream)["error"], "draining");
}

TEST_F(WorldsConcurrent, WithOpenCallsAreNotUnloadedUnlessForced) {
  call("graph_load", {{"world", "w"}, {"graph", kCaller}});
  call("graph_set", {{"world", "w"}, {"node", "arguments"}, {"value", {{"x", 1}}}});
  const HostCall first = calls_.next();
  EXPECT_EQ(call("graph_unload", {{"world", "w"}})["error"], "conflict");
  EXPECT_EQ(call("graph_reload", {{"world", "w"}, {"graph", kAdder}})["error"], "conflict");
  call("graph_unload", {{"world", "w"}, {"force", true}});
  EXPECT_THAT(worlds_->kept("local"), ::testing::IsEmpty()) << "it is taken in when something happens";
  call("graph_load", {{"world", "w"}});
  EXPECT_EQ(calls_.next().id, first.id);
}

TEST_F(WorldsConcurrent, ADamagedJournalIsToldAndDropped) {
  call("graph_load", {{"world", "w"}, {"graph", kAdder}});
  worlds_->close();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path() / "worlds"))
    if (entry.path().filename().string().starts_with("log-")) std::filesystem::resize_file(entry.path(), 10);
  begin();
  const json refused = call("graph_set", {{"world", "w"}, {"node", "a"}, {"value", 1}});
  EXPECT_TRUE(refused.contains("error")) << refused;
  EXPECT_EQ(worlds_->list("local").front()->phase, WorldPhase::kFailed);
  EXPECT_EQ(call("graph_unload", {{"world", "w"}, {"delete", true}})["deleted"], true);
  EXPECT_TRUE(worlds_->list("local").empty());
}

TEST_F(WorldsConcurrent, BelongToTheirPrincipal) {
  call("graph_load", {{"world", "w"}, {"graph", kAdder}});
  EXPECT_EQ(worlds_->list("local").size(), 1u);
  EXPECT_TRUE(worlds_->list("somebody").empty());
}

}  // namespace
}  // namespace yard::tools
