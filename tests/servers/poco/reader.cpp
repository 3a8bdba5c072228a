// Reads a mailbox with Poco's POP3 client, for the tests to compare.
// Usage: reader HOST PORT USER PASSWORD FOLDER
// Prints "number size uid" for each message and writes its octets to FOLDER/number.

#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <Poco/Net/MailMessage.h>
#include <Poco/Net/POP3ClientSession.h>
#include <Poco/Timespan.h>

int main(int argc, char** argv)
{
    if (argc != 6) {
        std::cerr << "usage: reader HOST PORT USER PASSWORD FOLDER\n";
        return 2;
    }
    try {
        Poco::Net::POP3ClientSession session(argv[1], static_cast<Poco::UInt16>(std::stoi(argv[2])));
        session.setTimeout(Poco::Timespan(20, 0));
        session.login(argv[3], argv[4]);
        Poco::Net::POP3ClientSession::MessageInfoVec messages;
        session.listMessages(messages);
        for (const auto& message : messages) {
            // It has no member for UIDL; the form for one message has a reply of one line, which sendCommand can read.
            std::string reply, status, number, uid;
            session.sendCommand("UIDL", std::to_string(message.id), reply);
            std::istringstream(reply) >> status >> number >> uid;
            std::cout << message.id << ' ' << message.size << ' ' << uid << '\n';

            std::ofstream file(std::string(argv[5]) + "/" + std::to_string(message.id), std::ios::binary);
            session.retrieveMessage(message.id, file);
        }
        session.close();
    } catch (const Poco::Exception& error) {
        std::cerr << error.displayText() << '\n';
        return 1;
    }
    return 0;
}
