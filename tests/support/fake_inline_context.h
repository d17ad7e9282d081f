// FakeInlineContext: a clock that the test sets, a call's id, and the values a tool publishes.
#pragma once

#include <string>
#include <vector>

#include "tools/tool.h"

namespace yard::testing {

class FakeInlineContext final : public tools::InlineContext {
 public:
  struct Value {
    std::string key;
    Bytes packed;
  };

  [[nodiscard]] Now now() const override { return now_; }
  [[nodiscard]] Uuid call_id() const override { return call_id_; }
  [[nodiscard]] std::string_view principal() const override { return "local"; }
  void set_value(std::string_view key, BytesView packed) override {
    values_.push_back({.key = std::string(key), .packed = Bytes(packed)});
  }

  void advance(Nanos duration) {
    now_.steady += duration;
    now_.wall += duration;
  }
  void set_call_id(const Uuid& id) { call_id_ = id; }
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

 private:
  Now now_{.steady = SteadyTime{std::chrono::hours(1)}, .wall = WallTime{std::chrono::hours(24 * 365)}};
  Uuid call_id_{.octets = {0xaa, 0xbb, 0xcc}};
  std::vector<Value> values_;
};

}  // namespace yard::testing
