#include "broker/core/outputs.h"

#include <iterator>

namespace yard::broker {

void Effects::clear() {
  replies.clear();
  events.clear();
  starts.clear();
  stops.clear();
  keeps.clear();
  logs.clear();
  questions.clear();
  answers.clear();
}

void Effects::append(Effects&& other) {
  replies.append(other.replies);
  events.append(other.events);
  starts.insert(starts.end(), std::make_move_iterator(other.starts.begin()),
                std::make_move_iterator(other.starts.end()));
  stops.insert(stops.end(), other.stops.begin(), other.stops.end());
  keeps.insert(keeps.end(), std::make_move_iterator(other.keeps.begin()), std::make_move_iterator(other.keeps.end()));
  logs.insert(logs.end(), std::make_move_iterator(other.logs.begin()), std::make_move_iterator(other.logs.end()));
  questions.insert(questions.end(), std::make_move_iterator(other.questions.begin()),
                   std::make_move_iterator(other.questions.end()));
  answers.insert(answers.end(), std::make_move_iterator(other.answers.begin()),
                 std::make_move_iterator(other.answers.end()));
  other.clear();
}

}  // namespace yard::broker
