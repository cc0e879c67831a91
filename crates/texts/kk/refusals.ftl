not-found = Мұндай бет жоқ.
