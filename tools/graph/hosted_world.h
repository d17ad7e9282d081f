// HostedWorld: a graph that runs in the broker, on a thread of its own.
//
//   inbox ──► jobs ──► world ──► journal ──► replies, streams, calls of tools
//               ▲                                               │
//               └────────────── answers ◄───────────────────────┘
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "engine/world/session.h"
#include "tools/graph/inbox.h"
#include "tools/graph/world_calls.h"
#include "tools/graph/world_info.h"
#include "tools/graph/world_reports.h"
#include "tools/graph/world_storage.h"
#include "tools/graph/world_streams.h"

namespace yard::tools {

// What worlds need; must outlive them.
struct WorldSurroundings {
  std::shared_ptr<const graph::Kinds> kinds;  // shared with the worlds' images
  const Clock& clock;
  jobs::ReportSink& reports;
  std::function<Result<std::string>(const std::string& content_hash, const std::stop_token& stop)> read_content;
};

// Jobs are done in the order in which they came, each when all that the one before led to is done. What is answered is
// in the journal. Nothing outside waits for its thread, but the destructor.
//
// Threads: any, except where stated.
class HostedWorld {
 public:
  // Begins its thread. `load`: the job that brings its graph; none: it goes on from its journal in `folder`.
  HostedWorld(const WorldSurroundings& surroundings, std::filesystem::path folder, Manifest manifest,
              Host::MakeCall make_call, std::optional<jobs::Work> load);
  // Ends it in order; it may be at work for a moment.
  ~HostedWorld();
  HostedWorld(const HostedWorld&) = delete;
  HostedWorld& operator=(const HostedWorld&) = delete;

  // False, and `item` untouched, when it is over: unloaded, or not to be loaded.
  [[nodiscard]] bool offer(InboxItem& item) { return inbox_.put(item); }
  // The same where nothing is lost then.
  void put(InboxItem item) { (void)inbox_.put(item); }
  [[nodiscard]] std::shared_ptr<const WorldInfo> info() const { return board_.get(); }
  [[nodiscard]] bool is_over() const { return is_over_.load(std::memory_order_acquire); }
  // Once it is over.
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] bool is_deleted() const { return deletes_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

 private:
  using Json = nlohmann::ordered_json;

  // A job that has changed something, and waits for what comes of it.
  struct Step {
    WorldJob job;
    bool until_answered = false;             // also for the calls that are open
    std::vector<std::uint32_t> outputs;      // to be told
    std::optional<std::int64_t> advance_ns;  // how far time goes when all that was set is done
    std::uint32_t effects = 0;
    std::vector<std::string> told;  // of them, a line each
  };

  // All of these: the world's thread.
  void run(const std::stop_token& stop);
  void begin();
  void end();
  [[nodiscard]] Status load(const jobs::Work& work);
  [[nodiscard]] Status recover();
  void failed(const Error& error);
  void take_items();
  void take(InboxItem&& item);
  void take_answers();
  void stop_job(JobId id);
  void work();
  void take_job(jobs::Work&& work);
  [[nodiscard]] Result<std::optional<Json>> done(WorldJob& job, const nlohmann::json& arguments);
  [[nodiscard]] Result<std::optional<Json>> change(WorldJob& job, const nlohmann::json& request,
                                                   const nlohmann::json& arguments);
  [[nodiscard]] Result<std::optional<Json>> step(WorldJob& job, const nlohmann::json& arguments);
  [[nodiscard]] Result<std::optional<Json>> reload(WorldJob& job, const nlohmann::json& arguments);
  [[nodiscard]] Result<std::optional<Json>> subscribe(WorldJob& job, const nlohmann::json& arguments);
  [[nodiscard]] Result<Json> snapshot(const nlohmann::json& arguments);
  [[nodiscard]] Result<Json> journal(const nlohmann::json& arguments);
  [[nodiscard]] Result<Json> replay(const nlohmann::json& arguments);
  [[nodiscard]] Result<Json> optimize(const nlohmann::json& arguments);
  [[nodiscard]] Status unload(const nlohmann::json& arguments);
  [[nodiscard]] Result<std::string> graph_of(const nlohmann::json& arguments) const;
  [[nodiscard]] Result<std::vector<std::uint32_t>> outputs_of(const nlohmann::json& arguments) const;
  void begin_step(WorldJob& job, Step step);
  void settle();
  void end_steps();
  [[nodiscard]] Json told(const Step& step) const;
  void go_on_in_time(bool to_now);
  [[nodiscard]] bool keep();
  void post();
  [[nodiscard]] SteadyTime due();
  [[nodiscard]] SteadyTime now() const { return surroundings_.clock.now().steady; }

  const WorldSurroundings& surroundings_;
  const std::filesystem::path folder_;
  Manifest manifest_;
  WorldReports reports_;
  WorldStreams streams_;
  WorldCalls calls_;
  std::optional<jobs::Work> load_;
  std::stop_token stop_;

  std::unique_ptr<WorldStorage> storage_;
  std::unique_ptr<graph::World> world_;
  std::optional<graph::Session> session_;
  std::int64_t real_base_ns_ = 0;  // the broker's time where the world's is 0
  std::vector<InboxItem> items_;
  std::deque<jobs::Work> waiting_;    // not begun
  std::vector<JobId> to_stop_;        // streams that end when the world is at rest
  std::optional<Step> step_;          // the world is at work for it
  std::vector<Step> until_answered_;  // for calls only
  std::deque<HostAnswer> answers_;    // to be taken when time stands still
  std::vector<Hash128> new_calls_;    // to be made when they are kept
  std::string problem_;               // of the journal
  SteadyTime keep_again_{};
  std::optional<WorldJob> unloading_;
  bool ends_ = false;
  bool deletes_ = false;

  WorldBoard board_;
  std::atomic<bool> is_over_ = false;
  Inbox inbox_;
  std::jthread thread_;
};

}  // namespace yard::tools
