// Following streams from a thread that may block.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "clients/core/client.h"

namespace yard::cli {

// An event that outlives its frame.
struct FollowedEvent {
  std::string topic;
  iopub::EventHeader header;
  Bytes body;

  [[nodiscard]] PackView view() const { return PackView(body); }
};

// Whether it is the last one of its job's stream.
[[nodiscard]] bool ends_job(const FollowedEvent& event);

// {"stream", "kind", "seq", …, "body"}
[[nodiscard]] nlohmann::json to_json(const FollowedEvent& event);

// Subscriptions whose events wait here until they are taken. `client` must outlive it.
// Threads: one.
class Follower {
 public:
  explicit Follower(client::Client& client) : client_(client) {}
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  [[nodiscard]] Status follow(std::string_view topic, std::uint64_t from);

  // The next event, or nothing after `timeout`. Errors: kQueueFull when they came faster than taken.
  [[nodiscard]] Result<std::optional<FollowedEvent>> next(Millis timeout);

 private:
  // Events come in from the client's thread.
  struct Inbox {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<FollowedEvent> waiting;
    std::size_t waiting_bytes = 0;
    bool overflowed = false;

    void put(const iopub::Event& event);
  };

  client::Client& client_;
  std::vector<client::SubscriptionId> subscriptions_;
  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();  // also owned by each subscription's callback
};

}  // namespace yard::cli
